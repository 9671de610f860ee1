"""The providers' own clients, asked the same as we are: prints one line of JSON for each stream named.

Usage: model_sdks.py BASE NAME...
BASE/NAME/v1/messages answers as Anthropic does where NAME begins with "anthropic", and
BASE/NAME/v1/chat/completions as OpenAI where it begins with "openai".
"""

import json
import sys

import anthropic
import openai


def ask_anthropic(base):
    client = anthropic.Anthropic(base_url=base, api_key="k", max_retries=0)
    text = ""
    with client.messages.stream(
        model="claude-haiku-4-5", max_tokens=100, messages=[{"role": "user", "content": "hello"}]
    ) as stream:
        for piece in stream.text_stream:
            text += piece
        message = stream.get_final_message()
    usage = message.usage
    return {
        "text": text,
        "calls": [
            {"id": block.id, "name": block.name, "input": block.input}
            for block in message.content
            if block.type == "tool_use"
        ],
        "stop": message.stop_reason,
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "cache_read": usage.cache_read_input_tokens or 0,
        "cache_write": usage.cache_creation_input_tokens or 0,
    }


def ask_openai(base):
    client = openai.OpenAI(base_url=base + "/v1", api_key="k", max_retries=0)
    text = ""
    with client.chat.completions.stream(
        model="gpt-5-mini",
        messages=[{"role": "user", "content": "hello"}],
        stream_options={"include_usage": True},
    ) as stream:
        for event in stream:
            if event.type == "content.delta":
                text += event.delta
        completion = stream.get_final_completion()
    choice = completion.choices[0]
    usage = completion.usage
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens or 0) if details else 0
    return {
        "text": text,
        "calls": [
            {"id": call.id, "name": call.function.name, "input": json.loads(call.function.arguments or "{}")}
            for call in choice.message.tool_calls or []
        ],
        "stop": choice.finish_reason,
        "input": usage.prompt_tokens - cached,
        "output": usage.completion_tokens,
        "cache_read": cached,
        "cache_write": 0,
    }


def main():
    base, names = sys.argv[1], sys.argv[2:]
    for name in names:
        ask = ask_anthropic if name.startswith("anthropic") else ask_openai
        try:
            said = ask(f"{base}/{name}")
        except (anthropic.APIError, openai.APIError) as error:
            said = {"error": type(error).__name__}
        print(json.dumps({"name": name} | said), flush=True)


main()
