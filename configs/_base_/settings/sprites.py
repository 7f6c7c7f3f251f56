# Sprites, domain 1 to domain 2.
_base_ = ['../tasks/sprites.py', '../backbones/raw_clips.py']
model = _base_._backbone
