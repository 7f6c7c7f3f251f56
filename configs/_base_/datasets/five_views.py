# What MA2LT-D reads instead of the pipelines of features.py: 5 views.
five_views = dict(
    train=[
        dict(type='SampleFeature', num_frames=53, num_views=5),
        dict(type='PackActionInputs'),
    ],
    test=[
        dict(type='SampleFeature', num_frames=53, num_views=5, test_mode=True),
        dict(type='PackActionInputs'),
    ],
)
