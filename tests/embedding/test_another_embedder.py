"""A multilingual embedder is one setting away: shown with a small one that is made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.opening import open_memory
from agent.settings import load_settings
from memory_store.embedding import embedder_named
from memory_store.errors import EmbedderError

TEXTS = ["我住在上海，喜欢喝茶。", "My cat is called Miso.", "周末常常去公园散步。", "The ferry leaves at nine."]


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers whose tokenizer knows characters of both scripts, saved as people get such models."""
    from sentence_transformers import SentenceTransformer, models
    from tokenizers import Tokenizer, normalizers, pre_tokenizers
    from tokenizers.models import WordPiece
    from tokenizers.processors import TemplateProcessing
    from tokenizers.trainers import WordPieceTrainer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, set_seed

    folder = tmp_path_factory.mktemp("multilingual")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(TEXTS, WordPieceTrainer(vocab_size=300, special_tokens=special))
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token"), special, strict=True))
    set_seed(7)
    shape = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=48, num_hidden_layers=2, num_attention_heads=4
    )
    bert = folder / "bert"
    BertModel(shape).save_pretrained(bert)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=128, **names).save_pretrained(bert)
    word = models.Transformer(str(bert))
    SentenceTransformer(modules=[word, models.Pooling(48)], device="cpu").save(str(folder / "model"))
    return folder / "model"


def test_it_embeds_and_knows_what_it_reads(multilingual: Path) -> None:
    embedder = embedder_named(str(multilingual))
    rows = embedder.encode(TEXTS)
    assert rows.shape == (4, embedder.dimensions) == (4, 48)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert "cjk" in embedder.scripts
    tea, cat, _, _ = embedder.tokens(TEXTS)
    assert tea.shape[1] == cat.shape[1] == 48
    assert len(tea) != len(cat)
    assert np.allclose(np.linalg.norm(tea, axis=1), 1, atol=1e-5)
    assert -1 < embedder.baseline < 1
    assert embedder.fingerprint == embedder_named(str(multilingual)).fingerprint


def test_one_setting_changes_it_and_everything_is_embedded_again(tmp_path: Path, multilingual: Path) -> None:
    settings = load_settings(tmp_path)
    with open_memory(settings, indexing="manual") as store:
        for text in TEXTS:
            store.remember(text)
        store.index_now()
        assert "meaning" not in store.recall("上海的茶")[0].reasons  # the default embedder cannot read it
    changed = load_settings(tmp_path, recall__embedder=str(multilingual))
    with open_memory(changed, indexing="manual") as store:
        store.index_now()
        report = store.check()
        assert report.ok, report.problems
        assert (report.vectors, report.indexed, report.queued) == (4, 4, 0)
        assert store.stats().embedder == "model"
        assert "meaning" in store.recall("上海的茶")[0].reasons
    again = load_settings(tmp_path, recall__embedder=str(multilingual), recall__late_interaction=0.3)
    with open_memory(again, indexing="off") as store:
        found = store.recall("上海的茶，公园的茶")
        assert found.remarks == ()
        assert max(item.reasons.get("late interaction", 0) for item in found) == pytest.approx(0.3)


def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"config\.json"):
        embedder_named(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EmbedderError, match="cannot be loaded"):
        embedder_named(str(tmp_path)).encode(["anything"])
