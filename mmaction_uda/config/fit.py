import copy


def fit(model: dict, numbers: dict) -> dict:
    """Lay numbers over those that a method states.

    So one table, of ``schedules/small_data.py`` for instance, serves every
    method: a part that a method does not have, or has switched off (None), a
    number that it leaves to its class, and a word in a number's place
    (``queue_size='classes'``) stay as they are.

    Args:
        model (dict): What a method says of ``model``. Not changed.
        numbers (dict): Nested like it; may name parts that it lacks.

    Returns:
        dict: A changed copy of ``model``.
    """
    model = copy.deepcopy(model)
    for key, value in numbers.items():
        own = model.get(key)
        if isinstance(value, dict):
            if isinstance(own, dict):
                model[key] = fit(own, value)
        elif own is not None and not isinstance(own, str):
            model[key] = value
    return model
