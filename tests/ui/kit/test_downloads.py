"""A deck that was made is there when the browser fetches it, however many people save meanwhile."""

from __future__ import annotations

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager, MediaFileMetadata
from streamlit.runtime.media_file_storage import MediaFileKind, MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from lib.ui.kit.downloads import seldom


def _made(storage: MemoryMediaFileStorage, manager: MediaFileManager) -> str:
    file = storage.load_and_get_id(b"PK deck", "application/zip", MediaFileKind.DOWNLOADABLE, "deck.pptx")
    with manager._lock:
        manager._file_metadata[file] = MediaFileMetadata(kind=MediaFileKind.DOWNLOADABLE)
    return storage.get_url(file).rpartition("/")[2]


def test_a_file_made_on_click_outlives_the_runs_of_others() -> None:
    storage = MemoryMediaFileStorage("/media")
    manager = MediaFileManager(storage)
    name = _made(storage, manager)
    sweep = seldom(manager.remove_orphaned_files)
    for _ in range(5):
        sweep()
    assert storage.get_file(name).content == b"PK deck"
    for _ in range(2):  # what would happen without
        manager.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        storage.get_file(name)


def test_what_is_nobodys_is_swept_in_the_end() -> None:
    swept: list[int] = []
    sweep = seldom(lambda: swept.append(1), every=0.0)
    sweep()
    sweep()
    assert len(swept) == 2
