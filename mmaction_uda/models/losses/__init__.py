from .alignment_loss import (
    AlignmentLoss,
    CORALLoss,
    JANLoss,
    MMDLoss,
    covariance_distance,
    gaussian_kernels,
    mean_discrepancy,
)
from .domain_adversarial_loss import (
    domain_adversarial_loss,
    masked_domain_loss,
)
from .entropy_loss import (
    AttentiveEntropyLoss,
    EntropyLoss,
    binary_entropy,
    entropy,
)
from .information_bottleneck_loss import (
    class_matches,
    class_points,
    correlation_factors,
    information_bottleneck_loss,
)

__all__ = [
    'AlignmentLoss',
    'CORALLoss',
    'JANLoss',
    'MMDLoss',
    'covariance_distance',
    'gaussian_kernels',
    'mean_discrepancy',
    'domain_adversarial_loss',
    'masked_domain_loss',
    'AttentiveEntropyLoss',
    'EntropyLoss',
    'binary_entropy',
    'entropy',
    'class_matches',
    'class_points',
    'information_bottleneck_loss',
    'correlation_factors',
]
