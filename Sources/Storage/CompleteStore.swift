public import AgentRuntime
public import Experiments

/// All that an engine keeps, for whoever wires the house.
public typealias CompleteStore = Store & CheckoutStore & ModelLedger & VectorStore
