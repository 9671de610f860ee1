internal import JSON

/// What tools answer: references and slots, and texts of the catalogue that were cleaned. Never an amount.
enum ModelToolResults {
    struct Row {
        let place: Int
        let title: String
        let description: String
    }

    /// - Parameter areNear: whether they are not what was asked for, but what comes nearest.
    static func products(areNear: Bool = false, _ rows: [Row]) -> String {
        text { json in
            if areNear {
                json.key("note")
                json.string("Not what was asked for. Say so: these only come nearest.")
            }
            json.key("products")
            json.beginArray()
            for row in rows {
                json.beginObject()
                json.key("product")
                json.string("p\(row.place + 1)")
                json.key("title")
                json.string(row.title)
                json.key("description")
                json.string(row.description)
                json.endObject()
            }
            json.endArray()
        }
    }

    /// - Parameter texts: by the names of their slots.
    static func product(_ place: Int, _ texts: [String: String]) -> String {
        text { json in
            json.key("product")
            json.string("p\(place + 1)")
            json.key("price")
            json.string("{{price:p\(place + 1)}}")
            json.key("slots")
            json.beginObject()
            for (name, value) in texts.sorted(by: { $0.key < $1.key }) {
                json.key(dynamic: "{{fact:\(name)}}")
                json.string(value)
            }
            json.endObject()
        }
    }

    static func price(_ place: Int) -> String {
        text { json in
            json.key("product")
            json.string("p\(place + 1)")
            json.key("price")
            json.string("{{price:p\(place + 1)}}")
        }
    }

    static func cart(_ wish: (product: Int, quantity: Int64)?) -> String {
        text { json in
            json.key("product")
            if let wish { json.string("p\(wish.product + 1)") } else { json.null() }
            json.key("quantity")
            json.int(wish?.quantity ?? 0)
        }
    }

    static func status(_ status: String) -> String {
        text { json in
            json.key("checkout")
            json.string(status)
        }
    }

    private static func text(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        json.beginObject()
        write(&json)
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
