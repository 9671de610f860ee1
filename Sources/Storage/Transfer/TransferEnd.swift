internal import Crypto
internal import Experiments

/// An engine as one end of a transfer.
///
/// A class, for it holds a connection; it belongs to the one task that transfers.
protocol TransferEnd: AnyObject {
    /// Begins to read as of one moment; until `endReading` nothing is written.
    func beginReading() async throws
    /// Ends what `beginReading` began.
    func endReading() async throws

    /// In the order of their ids.
    func tenants() async throws -> [TenantID]
    /// How many rows a tenant has of each table, in the order of `TransferTable.all`.
    func counts(of tenant: TenantID) async throws -> [Int64]
    /// The greatest key a tenant has of a table, as one row of the key's columns.
    func lastKey(of table: TransferTable, _ tenant: TenantID) async throws -> RowBatch?
    /// Begins to read a tenant's rows of a table in the order of their keys, after one. Ends what was begun before.
    func open(_ table: TransferTable, of tenant: TenantID, after key: RowBatch?) async throws
    /// The next rows of what `open` began; none at its end.
    func next(_ most: Int) async throws -> RowBatch

    /// Writes rows, durably and all or none. Rows that are there already are an error.
    func write(_ rows: RowBatch, to table: TransferTable, of tenant: TenantID) async throws
    /// What this database knows of a transfer into it.
    func record() async throws -> TransferRecord?
    func put(_ record: TransferRecord) async throws

    func configuration() async throws -> [TenantConfiguration]
    /// An experiment's counts made anew from its shoppers' events. Not between `beginReading` and `endReading`.
    func recount(of experiment: ExperimentID, in snapshot: TenantSnapshot) async throws -> UnitCounts

    func close() async
}

/// What a target keeps of the transfer into it, in a table of its own that nobody else reads.
struct TransferRecord: Equatable {
    /// Digest of the source's tenants: another source, or one that changed, has another.
    let source: Digest256
    /// Whether every row was copied. What is done here afterwards is no business of the source any more.
    var isCopied: Bool
}
