"""Splits by near-duplicate cluster: a cluster's place comes from its id and the seed alone, so that new rows move no old ones."""

from curation.params import SplitParams


def split_expression(cluster: str, params: SplitParams) -> str:
    """SQL for `train`, `validation` or `test` out of a cluster id. md5 rather than hash(): DuckDB may change its own."""
    share = f"(('0x' || md5({cluster} || '/{params.seed}')[:8])::UINTEGER / 4294967296.0)"
    return (
        f"CASE WHEN {share} < {params.test} THEN 'test' WHEN {share} < {params.test + params.validation} THEN 'validation' ELSE 'train' END"
    )
