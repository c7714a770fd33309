"""The statements that look after all secrets at once: which keys they need, and encrypting them anew."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, bindparam, func, literal_column, select, tuple_, update
from sqlalchemy.engine import Dialect

from krake.secrets.cipher import ID_BYTES, ID_OFFSET
from krake.store.prepared import Prepared
from krake.store.tables.resources import secrets

_s = secrets.c


class SecretStatements:
    """The statements, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        place = (_s.uid, _s.field)
        after = tuple_(bindparam("after_uid", type_=String()), bindparam("after_field", type_=String()))
        # Databases count from 1.
        key = func.substr(_s.ciphertext, literal_column(str(ID_OFFSET + 1)), literal_column(str(ID_BYTES)))
        self.counts = Prepared(select(key, func.count()).group_by(key), dialect)
        self.batch = Prepared(
            select(_s.uid, _s.field, _s.ciphertext)
            .where(tuple_(*place) > after)
            .order_by(*place)
            .limit(bindparam("p_limit", type_=BigInteger())),
            dialect,
        )
        self.replace = Prepared(
            update(secrets)
            .where(
                _s.uid == bindparam("p_uid", type_=String()), _s.field == bindparam("p_field", type_=String())
            )
            .values(ciphertext=bindparam("n_ciphertext", type_=_s.ciphertext.type)),
            dialect,
        )
