#!/usr/bin/env bash
# Test under Slurm, a task for each GPU:
#   [GPUS=8] tools/slurm_test.sh PARTITION JOB_NAME CONFIG CHECKPOINT [options]
# GPUS_PER_NODE is 8 or GPUS if that is less, CPUS_PER_TASK 5, PORT drawn at
# random; SRUN_ARGS are further options of srun.
set -euo pipefail
if [ $# -lt 4 ]; then
    echo "usage: $0 PARTITION JOB_NAME CONFIG CHECKPOINT" \
        "[options of tools/test.py]" >&2
    exit 2
fi
partition=$1 name=$2 config=$3 checkpoint=$4
shift 4
gpus=${GPUS:-8}
per_node=${GPUS_PER_NODE:-$((gpus < 8 ? gpus : 8))}
# Read by mmengine. Drawn here once, so that all tasks have the same.
export MASTER_PORT=${PORT:-$((20000 + RANDOM % 10000))}
# shellcheck disable=SC2086  # SRUN_ARGS are several words
exec srun --partition="$partition" --job-name="$name" --ntasks="$gpus" \
    --ntasks-per-node="$per_node" --gres="gpu:$per_node" \
    --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 \
    ${SRUN_ARGS:-} python -u "$(dirname "$0")/test.py" "$config" \
    "$checkpoint" --launcher slurm "$@"
