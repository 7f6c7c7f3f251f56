from typing import Dict, Optional, Tuple

import torch
import torch.nn as nn
from mmaction.registry import MODELS

from ..layers import FrameRelations, SequentialVAE
from ..utils import Samples, build_part
from .relation_neck import RelationNeck, build_relation_heads


@MODELS.register_module()
class TranSVAENeck(RelationNeck):
    r"""TranSVAE's neck: what the domains differ in is held by a factor apart.

    A sequential variational autoencoder splits the frames of a video in a
    static factor :math:`z_d` and a dynamic one :math:`z_t` for every frame.
    Relations of the :math:`z_t` (:class:`RelationNeck`) are the feature;
    :math:`z_d`, which takes up the domain, is needed in training only. The
    loss of a batch of ``N`` videos is the weighted sum of

    .. math::
        \frac1N \sum \|x - \hat x\|^2, \quad KL(q(z_d) \| N(0, I)), \quad
        \sum_t KL(q(z_t) \| p(z_t | z_{<t})), \quad I(z_d; z_t), \quad
        triplet(\mu_d)

    and of domain losses on :math:`z_t` and on every scale of the relations.
    A triplet is a video, the same one with its frames in a random order, and
    a random video of the other domain. A part of weight 0 is not computed.

    Source: TranSVAE (Wei et al., NeurIPS 2023), Eq. 2-8. As in its code, all
    factors are the means of their Gaussians. There the domain heads have
    leaky ReLUs, here ReLUs.

    Args:
        in_channels (int, optional): Width ``C`` of the backbone's tokens;
            None for clips, whose frames ``encoder`` and ``decoder`` map.
        num_frames (int): Time steps ``T`` of a view. Defaults to 8.
        embed_dims (int): Width of an encoded frame. Defaults to 1024.
        hidden_channels (int): Of the recurrent layers. Defaults to 512.
        latent_channels (int): Dimensions of a factor. Defaults to 512.
        encoder (dict, optional): Module that maps frames ``[N, ...]`` to
            ``[N, embed_dims]``. None for a :class:`LeakyMLP` of one layer.
        decoder (dict, optional): Module that maps ``[z_t, z_d]``,
            ``[N, 2 * latent_channels]``, to frames ``[N, ...]``. None for a
            :class:`LeakyMLP` with a hidden layer of ``embed_dims``.
        relation_channels (int): Width of the feature. Defaults to 256.
        dropout (float): On the ``z_t`` that ``frame_head`` sees, and on the
            feature. Defaults to 0.5.
        frame_head (dict, optional): Domain head of the ``z_t``, with the
            loss ``loss_domain_frame``. See :class:`DomainHead`.
        relation_head (dict, optional): Domain head of a scale, one each,
            with the loss ``loss_domain_relation``.
        domain_attention (bool): Needs ``relation_head``. Defaults to False.
        num_videos (int, optional): Training videos of both domains, for the
            mutual information.
        mi_variance (str): See :func:`pairwise_log_density`; ``'released'``
            is the authors' code. Defaults to ``'exact'``.
        static_variance (str): What a video's static factor has for a variance
            in its divergence and in the mutual information: its ``'own'``, or
            that of its triplet's ``'negative'``, as in the authors' code,
            whose loop over a triplet leaves the last one's. Defaults to
            ``'own'``.
        recon_weight, kl_static_weight, kl_dynamic_weight, mi_weight,
        triplet_weight (float): Of the losses. Default to 1.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: Optional[int] = None,
        num_frames: int = 8,
        embed_dims: int = 1024,
        hidden_channels: int = 512,
        latent_channels: int = 512,
        encoder: Optional[dict] = None,
        decoder: Optional[dict] = None,
        relation_channels: int = 256,
        dropout: float = 0.5,
        frame_head: Optional[dict] = None,
        relation_head: Optional[dict] = None,
        domain_attention: bool = False,
        num_videos: Optional[int] = None,
        mi_variance: str = 'exact',
        static_variance: str = 'own',
        recon_weight: float = 1.0,
        kl_static_weight: float = 1.0,
        kl_dynamic_weight: float = 1.0,
        mi_weight: float = 1.0,
        triplet_weight: float = 1.0,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(in_channels, num_frames, relation_channels, init_cfg)
        own = encoder and (decoder or not recon_weight)
        if not in_channels and not own:
            raise ValueError(
                'TranSVAENeck needs in_channels, the width of the tokens, or '
                'an encoder and a decoder of frames'
            )
        decoded = [2 * latent_channels, embed_dims, in_channels]
        self.vae = SequentialVAE(
            encoder or dict(type='LeakyMLP', widths=[in_channels, embed_dims]),
            decoder or dict(type='LeakyMLP', widths=decoded),
            embed_dims,
            hidden_channels,
            latent_channels,
            weights=dict(
                loss_recon=recon_weight,
                loss_kl_static=kl_static_weight,
                loss_kl_dynamic=kl_dynamic_weight,
                loss_mi=mi_weight,
                loss_triplet=triplet_weight,
            ),
            num_videos=num_videos,
            mi_variance=mi_variance,
            static_variance=static_variance,
        )
        self.frame_head = build_part(frame_head, in_channels=latent_channels)
        self.relations = FrameRelations(
            num_frames, latent_channels, relation_channels
        )
        self.relation_heads = build_relation_heads(
            relation_head, self.relations, relation_channels, domain_attention
        )
        self.domain_attention = domain_attention
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: torch.Tensor, data_samples: Optional[Samples] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Encode the views.

        Args:
            x (torch.Tensor): Tokens ``[B, V, T, C]``, or clips
                ``[B, V, 3, T, H, W]`` if ``in_channels`` is None.
            data_samples (Samples, optional): ``B`` samples that carry
                ``domain``; None at test.

        Returns:
            tuple: ``[B, V, d]`` and a dict of losses.
        """
        frames = self._frames(x)
        codes, static, dynamic = self.vae(frames)
        feature, losses = self.relate(dynamic.mean, data_samples)
        if data_samples is None:
            return feature, losses
        if self.frame_head is not None:
            answers = self.frame_head(self.dropout(dynamic.mean))
            found = self.frame_head.loss_by_feat(answers, data_samples)
            losses['loss_domain_frame'] = found['loss_domain']
            losses['domain_acc_frame'] = found['domain_acc']
        losses.update(
            self.vae.losses(frames, codes, static, dynamic, data_samples)
        )
        return feature, losses

    def _frames(self, x: torch.Tensor) -> torch.Tensor:
        """Bring the frames forward, ``[B, V, T, ...]``."""
        if self.in_channels:
            self.check_tokens(x)
            return x
        if x.ndim != 6 or x.shape[3] != self.num_frames:
            raise ValueError(
                'TranSVAENeck without in_channels expects clips [B, V, 3, T, '
                f'H, W] with T = {self.num_frames}, got {tuple(x.shape)}. Set '
                'neck.num_frames to the frames of a clip, or neck.in_channels '
                'to the width of tokens.'
            )
        return x.transpose(2, 3)
