import AgentRuntime
print(HashedEmbedder().model)
