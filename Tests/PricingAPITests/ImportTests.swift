import JSON
import Testing

@testable import PricingAPI

@Suite struct ImportTests {
    @Test func `a spreadsheet is answered line by line, and its good lines go in`() async throws {
        let shop = try await World().tenant()
        #expect(try await shop.post("/products", Shop.product).status == 201)
        let file = """
            sku,title,list_price,currency,unit_cost,attributes.colour\r
            sku-1,"Mug, large",19.99,USD,7,blue\r
            sku-2,"A ""fine""\ncup",1500,JPY,,\r

            sku-3,Plate,19.999,USD,,
            ,Nameless,1,USD,,
            sku-4,Short,1
            sku-5,"Open,1,USD,,
            """
        let told = try await shop.world.call(
            "POST", "/api/v1/products/import", key: shop.merchant, file, type: "text/csv")
        #expect(told.status == 200)
        #expect(told["created"] == 1)
        #expect(told["updated"] == 1)
        #expect(told["rejected"] == 4)
        #expect(told["lines"]?.array?.map { $0["line"] } == [2, 3, 6, 7, 8, 9])
        #expect(told["lines", "2", "errors", "0", "pointer"] == "/list_price")
        #expect(told["lines", "3", "errors", "0", "pointer"] == "/sku")
        let mug = try await shop.get("/products/sku-1")
        #expect(mug["title"] == "Mug, large")
        #expect(mug["list_price", "amount"] == 1999)
        #expect(mug["unit_cost", "amount"] == 700)
        #expect(mug["attributes", "colour"] == "blue")
        let cup = try await shop.get("/products/sku-2")
        #expect(cup["title"] == "A \"fine\"\ncup")
        #expect(cup["list_price", "display"] == "¥1,500")
    }

    @Test func `a spreadsheet with semicolons and decimal commas goes in, and a thousand is never a price of one`()
        async throws
    {
        let shop = try await World().tenant()
        let file = "sku;title;list_price;currency\r\na;Mug, large;19,99;EUR\r\nb;Cup;1.250;EUR\r\nc;Pot;1250;EUR\r\n"
        let told = try await shop.world.call(
            "POST", "/api/v1/products/import", key: shop.merchant, file, type: "text/csv")
        #expect(told["lines"]?.array?.map { $0["result"] } == ["created", "rejected", "created"])
        #expect(told["lines", "1", "errors", "0", "pointer"] == "/list_price")
        #expect(told["lines", "1", "errors", "0", "detail"]?.string?.contains("a thousand to some") == true)
        let mug = try await shop.get("/products/a")
        #expect(mug["title"] == "Mug, large")
        #expect(mug["list_price", "amount"] == 1999)
        #expect(try await shop.get("/products/c")["list_price", "amount"] == 125_000)
    }

    @Test func `columns nobody knows are refused with what was meant`() async throws {
        let shop = try await World().tenant()
        let told = try await shop.world.call(
            "POST", "/api/v1/products/import", key: shop.merchant, "sku,titel,list_price,currency\n", type: "text/csv")
        #expect(told.status == 422)
        #expect(told.text.contains("Did you mean \\\"title\\\"?"))
    }

    @Test func `lines of JSON are answered one by one`() async throws {
        let shop = try await World().tenant()
        let lines = [Shop.product, "{", #"{"sku":"b","title":"B","list_prise":1}"#].joined(separator: "\n")
        let told = try await shop.world.call(
            "POST", "/api/v1/products/import", key: shop.merchant, lines, type: "application/x-ndjson")
        #expect(told["created"] == 1)
        #expect(told["lines"]?.array?.map { $0["result"] } == ["created", "rejected", "rejected"])
        #expect(told["lines", "2", "sku"] == "b")
        #expect(told["lines", "2", "errors"]?.array?.map { $0["pointer"] } == ["/list_prise", "/list_price"])
    }

    @Test(
        arguments: [
            ("19.99", 2, 1999), ("20", 2, 2000), ("0.5", 2, 50), ("1500", 0, 1500), ("1.25", 3, 1250),
            ("19.999", 2, nil), ("1.0", 0, nil), ("-1", 2, nil), ("1e3", 2, nil), ("", 2, nil), (".5", 2, nil),
            ("5.", 2, nil), ("1,000", 2, nil), ("99999999999999999", 2, nil), ("１２", 0, nil),
        ] as [(String, Int, Int64?)])
    func `an amount is read exactly or not at all`(text: String, exponent: Int, amount: Int64?) {
        #expect(ProductCSV.minorUnits(text, exponent: exponent) == amount)
    }
}
