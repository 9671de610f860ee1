/// A value that fits a parameter.
public protocol SQLiteBindable {
    /// Binds the value to parameter `index`, from 1.
    func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError)
}

extension Int64: SQLiteBindable {
    /// An INTEGER.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(self, at: index)
    }
}

extension Int: SQLiteBindable {
    /// An INTEGER.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(self, at: index)
    }
}

extension Bool: SQLiteBindable {
    /// The INTEGER 1 or 0.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(self, at: index)
    }
}

extension Double: SQLiteBindable {
    /// A REAL, or NULL for NaN.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(self, at: index)
    }
}

extension String: SQLiteBindable {
    /// A TEXT.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(self, at: index)
    }
}

extension [UInt8]: SQLiteBindable {
    /// A BLOB.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(self, at: index)
    }
}

extension UInt128: SQLiteBindable {
    /// A BLOB of 16 bytes, most significant first.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
        try statement.bind(self, at: index)
    }
}

extension Optional: SQLiteBindable where Wrapped: SQLiteBindable {
    /// The value, or NULL.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
        if let value = self {
            try value.bind(to: statement, at: index)
        } else {
            try statement.bindNull(at: index)
        }
    }
}
