"""Files on their way in: what nobody will keep is not written to the disk either."""

from django.core.files.uploadhandler import TemporaryFileUploadHandler

# More than any form of the portal takes: their own sentence comes before.
MOST_WRITTEN = 21 * 1024 * 1024


class CappedUploadHandler(TemporaryFileUploadHandler):
    """A file of gigabytes is read to its end, so that the rest of its form is kept and the person gets a sentence, and
    only its beginning is written. Its `size` is the true one: whoever takes the file asks it first."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start < MOST_WRITTEN:
            super().receive_data_chunk(raw_data, start)
        return None
