# The first stage of transferattn_source_free.py: TransferAttn's encoder,
# learnt from source videos alone. Its bottleneck is 0, as a batch of one
# domain has no pairs; its queue carries statistics to the second stage.
_base_ = 'transferattn.py'
model = dict(domain_head=None, loss_entropy=None)
