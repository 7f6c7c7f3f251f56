"""How far two domains are apart, and a plane that both are drawn on."""

import warnings
from typing import Dict, Sequence, Tuple

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from ..models.losses.alignment_loss import gaussian_kernels, mean_discrepancy

FOLDS, SEED = 5, 0
COMPONENTS = 50  # that are left for the projection
MOST = 250  # videos of a domain


def spaced(total: int, most: int) -> np.ndarray:
    """At most so many of ``total`` indices, evenly spaced."""
    number = min(total, most)
    return np.arange(number) * total // number


# More threads would wait for each other longer than so little takes.
@threadpool_limits.wrap(limits=1)
def distances(source: np.ndarray, target: np.ndarray) -> Dict[str, float]:
    """Proxy A-distance and squared MMD of two domains.

    As many rows of both are compared, at most :data:`MOST`.

    Args:
        source (np.ndarray): ``[S, d]``.
        target (np.ndarray): ``[T, d]``.

    Returns:
        dict: ``a_distance`` and ``mmd``.
    """
    most = min(len(source), len(target), MOST)
    pair = [rows[spaced(len(rows), most)] for rows in (source, target)]
    return dict(a_distance=proxy_a_distance(*pair), mmd=squared_mmd(*pair))


def proxy_a_distance(source: np.ndarray, target: np.ndarray) -> float:
    r"""How well a linear classifier tells two domains apart, in [0, 2].

    :math:`2 (1 - 2 \epsilon)` with the error :math:`\epsilon` of a logistic
    regression on standardised features, cross-validated in 5 folds; 0 where
    it is worse than chance.

    Source: Ben-David et al., Analysis of representations for domain
    adaptation, NIPS 2006. There a linear classifier with a Huber loss.

    Args:
        source (np.ndarray): ``[N, d]``, ``N >= 5``.
        target (np.ndarray): ``[N, d]``.
    """
    # Imported here: it takes a second.
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = np.concatenate([source, target]).astype(np.float64)
    domain = np.repeat([0, 1], [len(source), len(target)])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    with warnings.catch_warnings():  # where it has not converged, it is sure
        warnings.simplefilter('ignore')
        right = cross_val_score(model, rows, domain, cv=folds).mean()
    return float(max(0.0, 2 * (1 - 2 * (1 - right))))


def squared_mmd(source: np.ndarray, target: np.ndarray) -> float:
    """Squared maximum mean discrepancy with the kernels of ``MMDLoss``."""
    rows = torch.from_numpy(np.concatenate([source, target])).double()
    return mean_discrepancy(gaussian_kernels(rows), len(source)).item()


@threadpool_limits.wrap(limits=1)
def projected(rows: Sequence[np.ndarray]) -> Tuple[np.ndarray, str]:
    """Lay rows out on a plane, neighbours beside each other.

    Args:
        rows (Sequence[np.ndarray]): ``[N, d]``.

    Returns:
        tuple: ``[N, 2]``, and what has laid them out: UMAP if it is
        installed, else t-SNE. The same for the same rows.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    table = np.asarray(rows, np.float64)
    axes = min(COMPONENTS, *table.shape)
    table = PCA(axes, random_state=SEED).fit_transform(table)
    try:
        from umap import UMAP
    except ImportError:
        perplexity = min(30.0, (len(table) - 1) / 3)
        layout = TSNE(
            perplexity=perplexity, max_iter=500, init='pca', random_state=SEED
        )
        return layout.fit_transform(table), 't-SNE'
    return UMAP(random_state=SEED).fit_transform(table), 'UMAP'
