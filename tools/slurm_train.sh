#!/usr/bin/env bash
# Train under Slurm, a task for each GPU:
#   [GPUS=8] tools/slurm_train.sh PARTITION JOB_NAME CONFIG [options of train.py]
# GPUS_PER_NODE is 8 or GPUS if that is less, CPUS_PER_TASK 5, PORT drawn at
# random; SRUN_ARGS are further options of srun. SIGNAL_AHEAD (120) seconds
# before its time is up Slurm tells the training, which ends where it can go
# on; a job is then queued again, and goes on.
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: $0 PARTITION JOB_NAME CONFIG [options of tools/train.py]" >&2
    exit 2
fi
partition=$1 name=$2 config=$3
shift 3
gpus=${GPUS:-8}
per_node=${GPUS_PER_NODE:-$((gpus < 8 ? gpus : 8))}
# Read by mmengine. Drawn here once, so that all tasks have the same.
export MASTER_PORT=${PORT:-$((20000 + RANDOM % 10000))}
run() {
    # shellcheck disable=SC2086  # SRUN_ARGS are several words
    srun --partition="$partition" --job-name="$name" --ntasks="$gpus" \
        --ntasks-per-node="$per_node" --gres="gpu:$per_node" \
        --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 \
        --signal="USR1@${SIGNAL_AHEAD:-120}" ${SRUN_ARGS:-} \
        python -u "$(dirname "$0")/train.py" "$config" --launcher slurm "$@"
}
# In a job that Slurm has started again, the training goes on.
[ "${SLURM_RESTART_COUNT:-0}" -eq 0 ] || set -- "$@" --resume
code=0
run "$@" || code=$?
while [ $code -eq 138 ]; do # the time was nearly up: SIGUSR1
    if [ -n "${SLURM_JOB_ID:-}" ]; then
        scontrol requeue "$SLURM_JOB_ID"
        exit $code
    fi
    code=0
    run "$@" --resume || code=$?
done
exit $code
