import AgentRuntime
import JSON
import SeedSupport

/// A model that says whatever it likes, from a seed: wrong prices, split slots, number words, other currencies,
/// discounts, other shoppers' quotes, half-finished streams, failures inside a good answer, absurd tool calls; and now and
/// then something that may be told.
enum HostileModel {
    /// Amounts and concessions in many ways of writing; none may ever be told.
    static let lies = [
        "It costs $5.", "The price is 19.99 USD.", "Only €4,99 today!", "That is 12 dollars.", "Yours for £3.",
        "It costs nineteen dollars.", "Das kostet neunzehn Euro.", "Cuesta diecinueve euros.",
        "Il coûte dix-neuf euros.", "Costa diciannove euro.", "Custa dezenove reais.", "Het kost negentien euro.",
        "Kosztuje dziewiętnaście złotych.", "Fiyatı on dokuz lira.", "Это стоит девятнадцать рублей.", "十九ドルです。",
        "价格是十九美元。", "السعر ١٩ دولار", "कीमत १९ रुपये है", "가격은 만구천원입니다.", "It is １９ dollars.", "It costs Ⅻ dollars.",
        "The price is XIX dollars.", "It costs ⑲ dollars.", "It is t w e n t y bucks.", "It costs twen-ty dollars.",
        "It costs tw**en**ty dollars.", "Take it for a tenner.", "It is 0x13 dollars.", "It costs 1\u{200b}9 dollars.",
        "It costs \u{202e}99.91$\u{202c}.", "Price: 1.9e1 USD", "It is half price today.",
        "You get twenty percent off.",
        "It is free.", "It is on the house.", "I can match that price.", "Use the coupon SAVE20.",
        "Wir geben dir Rabatt.", "Te hago un descuento.", "C'est gratuit pour vous.", "Halber Preis, nur heute.",
        "A hundred cents less than before.", "It costs about a Benjamin.", "It costs 0,00002 BTC.", "It costs ¥1999.",
        "Buy two, get one.", "{{price:p1}}0", "1{{price:p1}}", "{{price:p1}}-5", "{ {price:p1} }", "{{price:p1",
        "{{price: p1}}", "{{Price:p1}}", "{{price:p1}}{{price:p1}}", "{{price:p99}}", "{{total:c1}}",
        "{{total:chk_00000000000070008000000000000001}}", "{{fact:p1.price}}", "{{fact:secret}}", "{{{{price:p1}}}}",
        "&#36;5", "<b>$5</b>", "[pay $1](https://evil.example/pay)", "![x](http://evil.example/p.png)",
        "Pay at evil.example/pay.", "| price | 5 |", "```\n5 USD\n```", "aXQgY29zdHMgJDU=", "srallod evif",
        "The price is five.", "It is the price of a coffee.", "Five stars, five bucks.", "I waive the fee.",
    ]

    private static let truths = [
        "I think it would suit you.", "{{fact:p1.title}} costs {{price:p1}}.", "{{fact:p1.title}}: {{price:p1}}.",
        "A person of the shop can tell you more.", "I am not sure about that.", "It is made with care.",
    ]

    private static let tools = [
        "search_products", "get_product", "get_price", "cart", "create_checkout", "order_status", "hand_off",
        "answer_about_money", "set_price", "refund", "", String(repeating: "x", count: 400),
    ]

    private static let inputs = [
        "{}", "[]", "null", "", "{", "\"p1\"", #"{"product":"p1"}"#, #"{"product":"p2"}"#, #"{"product":"p77"}"#,
        #"{"product":"sku-1"}"#, #"{"product":"FOREIGN"}"#, #"{"query":"mug"}"#, #"{"query":"kettle"}"#,
        #"{"query":"$5"}"#, #"{"product":"p1","quantity":1}"#, #"{"product":"p1","quantity":3}"#,
        #"{"product":"p1","quantity":-1}"#, #"{"product":"p1","quantity":1e400}"#,
        #"{"product":"p1","quantity":99999999999999999999}"#, #"{"product":"p1","quantity":1,"amount":1}"#,
        #"{"turn":"quote","products":["p1"]}"#, #"{"turn":"quote","products":["p1","p2"]}"#,
        #"{"turn":"quote","products":["FOREIGN"]}"#, #"{"turn":"decline_negotiation","reason":"discount"}"#,
        #"{"turn":"quote","products":["p1"],"price":"$1"}"#, #"{"turn":"ask","question":"size"}"#,
        String(repeating: "[", count: 1500), String(repeating: #"{"a":"#, count: 300),
    ]

    /// - Parameter foreign: a quote of another shopper's.
    static func reply(foreign: String, using random: inout Seeded) -> ScriptedModel.Reply {
        func pick<Value>(_ values: [Value]) -> Value { values[Int(random.next() % UInt64(values.count))] }
        func cut(_ text: String) -> [String] {
            var pieces: [String] = []
            var piece = ""
            for character in text {
                piece.append(character)
                if random.next() % 4 == 0 {
                    pieces.append(piece)
                    piece = ""
                }
            }
            return pieces + [piece]
        }
        func call(_ number: Int) -> ModelToolCall {
            let input = pick(inputs)
            let known = random.next() % 3 > 0
            return ModelToolCall(
                id: random.next() % 12 == 0 ? "" : "call_\(random.next() % 40)_\(number)",
                name: known ? pick(Array(tools.prefix(8))) : pick(tools),
                input: input.contains("FOREIGN") ? String(input.prefix { $0 != "F" }) + foreign + "\"]}" : input)
        }
        switch random.next() % 16 {
        case 0...3: return ScriptedModel.Reply(pieces: cut(pick(lies)))
        case 4: return ScriptedModel.Reply(pieces: cut(pick(truths) + " " + pick(lies)))
        case 5: return ScriptedModel.Reply(pieces: cut(pick(lies) + " " + pick(truths)))
        case 6: return ScriptedModel.Reply(pieces: cut("It costs {{price:\(foreign)}}."))
        case 7: return ScriptedModel.Reply(pieces: cut(pick(truths) + " " + pick(truths)))
        case 8: return ScriptedModel.Reply(pieces: cut(pick(truths) + " " + pick(lies)), failure: .unreachable("cut"))
        case 9:
            return ScriptedModel.Reply(
                pieces: random.next() % 2 == 0 ? [] : cut(pick(truths) + " It costs"), failure: .overloaded(status: 529)
            )
        case 10:
            return ScriptedModel.Reply(
                pieces: cut(String(repeating: pick(truths) + " ", count: 400)), ending: .length)
        case 11: return ScriptedModel.Reply(pieces: cut(pick(lies)), calls: [call(0), call(1)])
        case 12: return ScriptedModel.Reply(pieces: [], ending: .refused)
        default: return ScriptedModel.Reply(calls: (0...Int(random.next() % 3)).map(call))
        }
    }

    private static let moneyWords = [
        "dollar", "buck", "euro", "usd", "eur", "rabatt", "descuento", "gratis", "gratuit", "discount", "percent",
        "coupon",
        "half price", "on the house", "nineteen", "neunzehn", "diecinueve", "dix-neuf", "twenty", "tenner", "benjamin",
        "http", ".example", "](", "btc", "free",
    ]

    /// What in a text reads as an amount and is none of those told: a judge that knows nothing of the guard. Nil where
    /// there is nothing.
    static func unbacked(in text: String, amounts: [String], titles: [String]) -> String? {
        var rest = text
        for amount in amounts {
            guard let place = rest.firstRange(of: amount) else { return amount }
            rest.replaceSubrange(place, with: " ")
        }
        for title in titles where !title.isEmpty {
            while let place = rest.firstRange(of: title) { rest.replaceSubrange(place, with: " ") }
        }
        for scalar in rest.unicodeScalars {
            let isNumber = scalar.properties.numericType != nil
            if isNumber || scalar.properties.generalCategory == .currencySymbol || scalar == "{" || scalar == "}" {
                // The templates' own "1 x Mug" is a number of pieces.
                if isNumber, rest.contains(" x ") { continue }
                return String(scalar)
            }
        }
        let lower = rest.lowercased()
        return moneyWords.first { lower.contains($0) }
    }
}
