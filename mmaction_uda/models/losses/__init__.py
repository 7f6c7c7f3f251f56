from .adapter_distillation_loss import AdapterDistillationLoss
from .adaptive_curriculum import AdaptiveCurriculum, PredictionMemory
from .alignment_loss import (
    AlignmentLoss,
    CORALLoss,
    JANLoss,
    MMDLoss,
    covariance_distance,
    gaussian_kernels,
    mean_discrepancy,
)
from .class_balanced_loss import ClassBalancedCrossEntropy
from .costar_loss import CoSTARLoss, reliability
from .domain_adversarial_loss import binary_errors, domain_adversarial_loss
from .entropy_loss import (
    AttentiveEntropyLoss,
    EntropyLoss,
    binary_entropy,
    entropy,
)
from .gaussian_losses import (
    VARIANCES,
    Gaussian,
    kl_divergence,
    mutual_information,
    pairwise_log_density,
)
from .information_bottleneck_loss import (
    class_matches,
    class_points,
    correlation_factors,
    information_bottleneck_loss,
)
from .match_or_conf_loss import MatchOrConfLoss
from .precision import at_least_float32, full_precision
from .pseudo_label_loss import PseudoLabelLoss
from .selection import label_losses, select_confident
from .target_labels import TargetLabels, match_or_conf
from .text_loss import (
    TextContrastiveLoss,
    TextLoss,
    ensemble_labels,
    text_contrastive_loss,
)

__all__ = [
    'AdaptiveCurriculum',
    'PredictionMemory',
    'AdapterDistillationLoss',
    'AlignmentLoss',
    'CORALLoss',
    'JANLoss',
    'MMDLoss',
    'covariance_distance',
    'gaussian_kernels',
    'mean_discrepancy',
    'ClassBalancedCrossEntropy',
    'CoSTARLoss',
    'reliability',
    'binary_errors',
    'domain_adversarial_loss',
    'AttentiveEntropyLoss',
    'EntropyLoss',
    'binary_entropy',
    'entropy',
    'VARIANCES',
    'Gaussian',
    'kl_divergence',
    'mutual_information',
    'pairwise_log_density',
    'MatchOrConfLoss',
    'at_least_float32',
    'full_precision',
    'PseudoLabelLoss',
    'label_losses',
    'select_confident',
    'TargetLabels',
    'match_or_conf',
    'TextContrastiveLoss',
    'TextLoss',
    'ensemble_labels',
    'text_contrastive_loss',
    'class_matches',
    'class_points',
    'information_bottleneck_loss',
    'correlation_factors',
]
