"""Models behind a server that speaks OpenAI's protocol: Ollama, llama.cpp, LM Studio, vLLM and what is like them."""
