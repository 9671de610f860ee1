internal import Experiments
internal import Synchronization

/// Holds a job's result between its run and its commit.
final class Slot<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, StoreError>?>(nil)
    func set(_ new: Result<Value, StoreError>) { value.withLock { $0 = new } }
    func get() -> Result<Value, StoreError>? { value.withLock { $0 } }
}
