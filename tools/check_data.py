"""Write a data sheet of a config: what its lists hold, and what is wrong.

Videos are counted by class, list and domain; lengths, sizes and frame rates
are read from the files, all of whose frames are decoded.
"""

import os.path as osp

from cli import config_name, config_parser, load, told


def main() -> None:
    """Write the sheet, then tell the faults."""
    parser = config_parser(
        __doc__, 'python tools/check_data.py transferattn_demo'
    )
    parser.add_argument(
        '--out',
        metavar='FOLDER',
        help='where it goes (work_dirs/<config>/data_sheet)',
    )
    args = parser.parse_args()
    with told(args.debug):
        from mmaction_uda.own_data.checking import check_data_of

        name = config_name(args.config)
        folder = args.out or osp.join('work_dirs', name, 'data_sheet')
        cfg = load(args)
        cfg.update(work_dir=osp.dirname(folder), launcher='none')
        lines = check_data_of(cfg, name, folder, args.options)
        print('\n'.join(lines))


if __name__ == '__main__':
    main()
