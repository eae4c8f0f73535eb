"""The made-up world is fair: what tests ask was never trained, and every right answer can be read in the prompt."""

from __future__ import annotations

from random import Random

import pytest

from tests.tiny_model.episodes import draw_example
from tests.tiny_model.tokenizer import CHAT_TEMPLATE
from tests.tiny_model.training import learn_tokenizer
from tests.tiny_model.words import Words, held_out
from tests.tiny_model.world import ATTRIBUTES, I_DO_NOT_KNOW, Fact


@pytest.fixture(scope="module")
def tokenizer():
    return learn_tokenizer()


def examples(count: int, **options):
    random = Random(7)
    return [draw_example(random, memories=random.randint(0, 10), **options) for _ in range(count)]


@pytest.mark.parametrize("for_tests", [False, True])
def test_names_keep_to_their_side_of_the_split(for_tests):
    words = Words(Random(1), for_tests=for_tests)
    assert all(held_out(words.name()) is for_tests for _ in range(500))


def test_a_known_value_stands_in_the_prompt_before_the_reply():
    known = [e for e in examples(400, for_tests=True) if e.value]
    assert len(known) > 150
    for example in known:
        before = "\n".join(m["content"] for m in example.messages[:-1])
        assert example.value in example.messages[-1]["content"]
        assert example.value in before


def test_a_good_part_of_the_questions_cannot_be_answered():
    replies = [e.messages[-1]["content"] for e in examples(400, for_tests=True)]
    assert 0.06 < replies.count(I_DO_NOT_KNOW) / len(replies) < 0.3


@pytest.mark.parametrize("attribute", ATTRIBUTES)
@pytest.mark.parametrize("person", [None, "Torvan Elsk"])
def test_every_phrase_names_what_it_is_about(attribute, person):
    random, fact = Random(3), Fact(attribute, person, "Miso")
    for _ in range(50):
        told, asked = fact.tell(random), fact.ask(random)
        assert "Miso" in told
        assert "Miso" not in asked
        assert "Miso" in fact.answer
        assert "{" not in told + asked + fact.answer
        if person:
            assert person in told
            assert person in asked
            assert person in fact.answer


def test_the_same_world_gives_the_same_tokenizer(tokenizer):
    assert learn_tokenizer().backend_tokenizer.to_str() == tokenizer.backend_tokenizer.to_str()


@pytest.mark.parametrize(
    "text", ["Torvan's cat", "naïve 中文 🐈\n\ttabs", '- 2026-10-20, user: "a \\"b\\""', "  two  spaces "]
)
def test_the_tokenizer_loses_nothing(tokenizer, text):
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


@pytest.mark.parametrize("place", ["{}", "is {}.", '"{} is', "\n{}'s", "my aunt {},"])
def test_a_name_has_the_same_tokens_wherever_it_stands(tokenizer, place):
    name = tokenizer("Brimholt")["input_ids"]
    ids = tokenizer(place.format("Brimholt"))["input_ids"]
    assert any(ids[n : n + len(name)] == name for n in range(len(ids)))


def test_the_chat_template_takes_the_three_roles_and_no_other(tokenizer):
    assert tokenizer.chat_template == CHAT_TEMPLATE
    chat = [{"role": r, "content": r[0]} for r in ("system", "user", "assistant", "user")]
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    assert text.count("<|start|>") == 5
    assert text.endswith("<|start|>assistant\n")
    with pytest.raises(Exception, match="unknown role"):
        tokenizer.apply_chat_template([{"role": "tool", "content": "x"}], tokenize=False)
