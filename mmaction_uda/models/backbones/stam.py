from collections import OrderedDict

import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn

from ..layers import learned, prepend


class Attention(nn.Module):
    """Self-attention within one frame; the arguments of :class:`Block`."""

    def __init__(self, dims: int, heads: int, qkv_bias: bool) -> None:
        super().__init__()
        self.num_heads = heads
        self.qkv = nn.Linear(dims, 3 * dims, bias=qkv_bias)
        self.proj = nn.Linear(dims, dims)

    def forward(self, x: Tensor) -> Tensor:
        """Mix the tokens of ``x [N, L, C]``."""
        q, k, v = (
            self.qkv(x)
            .unflatten(-1, (3, self.num_heads, -1))
            .permute(2, 0, 3, 1, 4)
        )
        out = F.scaled_dot_product_attention(q, k, v)
        return self.proj(out.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Pre-norm block of a vision transformer, its MLP four times as wide.

    Args:
        dims (int): Width C.
        heads (int): Number of heads.
        qkv_bias (bool): Whether queries, keys and values have a bias.
    """

    def __init__(self, dims: int, heads: int, qkv_bias: bool) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dims)
        self.attn = Attention(dims, heads, qkv_bias)
        self.norm2 = nn.LayerNorm(dims)
        self.mlp = nn.Sequential(
            OrderedDict(
                fc1=nn.Linear(dims, 4 * dims),
                act=nn.GELU(),
                fc2=nn.Linear(4 * dims, dims),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens ``[N, L, C]`` to tokens of the same shape."""
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Aggregate(nn.Module):
    """Post-norm transformer over the tokens of the frames of a video.

    Args:
        num_frames (int): Number of frames, n.
        dims (int): Width C.
        depth (int): Number of layers.
        heads (int): Number of heads.
        hidden (int): Width of the feed-forward layers.
    """

    def __init__(
        self, num_frames: int, dims: int, depth: int, heads: int, hidden: int
    ) -> None:
        super().__init__()
        self.cls_token = learned(1, 1, dims)
        self.pos_embed = learned(1, num_frames + 1, dims)
        self.transformer_enc = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(
                dims, heads, hidden, dropout=0.1, batch_first=True
            ),
            depth,
            nn.LayerNorm(dims),
            enable_nested_tensor=False,  # all sequences are of one length
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map the tokens of videos ``[m, n, C]`` to features ``[m, C]``."""
        x = prepend(self.cls_token, x) + self.pos_embed
        return self.transformer_enc(x)[:, 0]


@MODELS.register_module()
class STAM(BaseModule):
    """A vision transformer per frame, a transformer over time behind it.

    Frames meet only in the second stage. Windows that overlap can thus
    share the first: :meth:`encode_frames` once per frame of the video, then
    :meth:`mix_frames` for every window. The weights have the names of the
    official files ``stam_{8,16,32,64}.pth``, which expect RGB in [0, 1].

    Source: Sharir et al., An Image is Worth 16x16 Words, What is a Video
    Worth?, https://arxiv.org/abs/2103.13915.

    Args:
        num_frames (int): Number of frames of a video, n. Defaults to 16.
        img_size (int): Height and width of frames, px. Defaults to 224.
        patch_size (int): Height and width of patches, px. Defaults to 16.
        embed_dims (int): Width C of both stages. Defaults to 768.
        depth (int): Blocks of the first stage. Defaults to 12.
        num_heads (int): Heads of the first stage. Defaults to 12.
        temporal_depth (int): Layers of the second stage; with 0 there is
            none, nor a classifier, and the net returns the tokens of the
            frames. Defaults to 6.
        temporal_heads (int): Heads of the second stage. Defaults to 8.
        temporal_hidden (int): Width of the feed-forward layers of the
            second stage. Defaults to 2048.
        num_classes (int): Number of classes of :meth:`classify`.
            Defaults to 400.
        qkv_bias (bool): Whether queries, keys and values of the first stage
            have a bias. False is the net of UDAVT, which drops these biases
            of the official files. Defaults to True.
        init_cfg (dict or list[dict], optional): Initialization config.
            Defaults to None.
    """

    def __init__(
        self,
        num_frames: int = 16,
        img_size: int = 224,
        patch_size: int = 16,
        embed_dims: int = 768,
        depth: int = 12,
        num_heads: int = 12,
        temporal_depth: int = 6,
        temporal_heads: int = 8,
        temporal_hidden: int = 2048,
        num_classes: int = 400,
        qkv_bias: bool = True,
        init_cfg=None,
    ) -> None:
        super().__init__(init_cfg)
        self.num_frames = num_frames
        self.img_size = img_size
        num_patches = (img_size // patch_size) ** 2
        proj = nn.Conv2d(3, embed_dims, patch_size, patch_size)
        self.patch_embed = nn.Sequential(OrderedDict(proj=proj))
        self.cls_token = learned(1, 1, embed_dims)
        self.pos_embed = learned(1, num_patches + 1, embed_dims)
        block = embed_dims, num_heads, qkv_bias
        self.blocks = nn.Sequential(*(Block(*block) for _ in range(depth)))
        self.norm = nn.LayerNorm(embed_dims)
        self.temporal_depth = temporal_depth
        if temporal_depth:
            temporal = temporal_depth, temporal_heads, temporal_hidden
            self.aggregate = Aggregate(num_frames, embed_dims, *temporal)
            self.head = nn.Linear(embed_dims, num_classes)

    def encode_frames(self, x: Tensor) -> Tensor:
        """Map frames ``[N, 3, H, W]`` to tokens ``[N, C]``, one by one."""
        if x.shape[-2:] != (self.img_size, self.img_size):
            raise ValueError(
                f'STAM expects frames of {self.img_size} x {self.img_size} '
                f'px (img_size), got {tuple(x.shape)}'
            )
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = prepend(self.cls_token, x) + self.pos_embed
        return self.norm(self.blocks(x)[:, 0])

    def mix_frames(self, tokens: Tensor) -> Tensor:
        """Map tokens of videos ``[m, n, C]`` to features ``[m, C]``."""
        return self.aggregate(tokens)

    def forward(self, x: Tensor) -> Tensor:
        """Compute a feature of every video.

        Args:
            x (Tensor): ``[m * n, 3, H, W]``, the n frames of a video
                one after the other.

        Returns:
            Tensor: Features ``[m, C]``, or ``[m * n, C]`` of every frame
            without the second stage.
        """
        if not self.temporal_depth:
            return self.encode_frames(x)
        if len(x) % self.num_frames:
            raise ValueError(
                f'STAM takes videos of num_frames={self.num_frames} frames, '
                f'got {len(x)} frames, which is no multiple'
            )
        tokens = self.encode_frames(x)
        return self.mix_frames(tokens.unflatten(0, (-1, self.num_frames)))

    def classify(self, feats: Tensor) -> Tensor:
        """Map features ``[m, C]`` to logits ``[m, num_classes]``."""
        return self.head(feats)
