"""Whether Arrow data from a file is laid out as its types say: offsets that lead elsewhere would end the process."""

import pyarrow as pa
from pyarrow import types

_AS_BYTES = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary(), pa.string_view(): pa.binary_view()}


def refuse_damaged(array: pa.Array) -> None:
    """Refuse an array whose lengths, offsets or numbers lead out of its buffers.

    Values are not looked at: what is no UTF-8, or no time of day, is one row's fault. Arrow's own full validation looks
    at these too, and ends at the first fault of either kind.

    Args:
        array: as it was read, not a part of one.

    Raises:
        pa.ArrowException, IndexError, ValueError: it is damaged.
    """
    array.validate()
    _refuse_inside(array)


def _refuse_inside(array: pa.Array) -> None:
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        _refuse_inside(array.storage)
    elif kind in _AS_BYTES:
        pa.Array.from_buffers(_AS_BYTES[kind], len(array), array.buffers(), offset=array.offset).validate(full=True)
    elif types.is_dictionary(kind):
        pa.DictionaryArray.from_arrays(array.indices, pa.nulls(len(array.dictionary)))
        _refuse_inside(array.dictionary)
    elif types.is_run_end_encoded(kind):
        _without_values(array, pa.run_end_encoded(kind.run_end_type, pa.null()), [array.run_ends], [array.values])
        _refuse_inside(array.values)
    elif types.is_nested(kind):
        _refuse_nested(array)
    elif types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        array.validate(full=True)


def _refuse_nested(array: pa.Array) -> None:
    kind = array.type
    if types.is_union(kind):
        children = [array.field(number) for number in range(kind.num_fields)]
        fields = [pa.field(str(number), pa.null()) for number in range(kind.num_fields)]
        _without_values(array, pa.union(fields, kind.mode, kind.type_codes), [], children)
    elif types.is_struct(kind):
        children = [array.field(number) for number in range(kind.num_fields)]
    elif types.is_map(kind):
        children = [array.keys, array.items]
        _without_values(array, pa.list_(pa.null()), [], children[:1])
    else:
        children = [array.values]
        if not types.is_fixed_size_list(kind):
            _without_values(array, _LISTS[kind.id](pa.null()), [], children)
    for child in children:
        _refuse_inside(child)


def _without_values(array: pa.Array, kind: pa.DataType, ends: list[pa.Array], children: list[pa.Array]) -> None:
    """Validate an array in full, but for the values in it: as many nulls stand for them."""
    own = array.buffers()[: kind.num_buffers]
    inside = [*ends, *(pa.nulls(len(child)) for child in children)]
    pa.Array.from_buffers(kind, len(array), own, offset=array.offset, children=inside).validate(full=True)


_LISTS = {
    pa.list_(pa.null()).id: pa.list_,
    pa.large_list(pa.null()).id: pa.large_list,
    pa.list_view(pa.null()).id: pa.list_view,
    pa.large_list_view(pa.null()).id: pa.large_list_view,
}
