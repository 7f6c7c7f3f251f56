#!/usr/bin/env bash
# Train on several GPUs, by torchrun:
#   tools/dist_train.sh CONFIG GPUS [options of tools/train.py]
# GPUS is the number of processes on this machine. Without PORT it is a free
# one. On several machines, start it on each of them, with
#   NNODES=2 NODE_RANK=0|1 MASTER_ADDR=first-machine [PORT=29500]
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: $0 CONFIG GPUS [options of tools/train.py]" >&2
    exit 2
fi
config=$1 gpus=$2
shift 2
if [ "${NNODES:-1}" -eq 1 ] && [ -z "${PORT:-}" ]; then
    meet=(--standalone)
else
    meet=(--nnodes "${NNODES:-1}" --node_rank "${NODE_RANK:-0}"
          --master_addr "${MASTER_ADDR:-127.0.0.1}"
          --master_port "${PORT:-29500}")
fi
exec python "$(dirname "$0")/_launch.py" "${meet[@]}" \
    --nproc_per_node "$gpus" "$(dirname "$0")/train.py" "$config" --launcher pytorch "$@"
