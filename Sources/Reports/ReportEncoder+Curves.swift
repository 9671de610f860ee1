internal import Analysis
internal import Experiments
internal import JSON

/// What a report says of beliefs, days and prices.
extension ReportEncoder {
    mutating func beliefs(_ value: Comparison) {
        writer.key("posterior")
        if let posterior = value.posterior {
            writer.beginObject()
            writer.field("mean", posterior.mean)
            writer.field("standard_deviation", posterior.standardDeviation)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("equivalence")
        if let equivalence = value.equivalence {
            writer.beginObject()
            writer.field("lower", equivalence.lower)
            writer.field("upper", equivalence.upper)
            writer.field("probability", equivalence.probability)
            writer.endObject()
        } else {
            writer.null()
        }
    }

    mutating func history(_ value: History) {
        writer.beginObject()
        writer.field("metric", value.metric)
        strings("variants", value.variants)
        strings("comparisons", value.comparisons)
        writer.key("days")
        writer.beginArray()
        for day in value.days {
            writer.beginObject()
            writer.field("date", DayText.iso(day.day))
            writer.key("arrivals")
            writer.beginArray()
            for count in day.arrivals { writer.int(count) }
            writer.endArray()
            writer.key("differences")
            writer.beginArray()
            for difference in day.differences {
                guard let difference else {
                    writer.null()
                    continue
                }
                writer.beginObject()
                writer.field("difference", difference.difference)
                interval("confidence_sequence", difference.interval)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.key("drift")
        writer.beginArray()
        for drift in value.drift {
            guard let drift else {
                writer.null()
                continue
            }
            writer.beginObject()
            writer.field("early", drift.early)
            writer.field("late", drift.late)
            writer.field("p_value", drift.pValue)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    mutating func funnel(_ value: Funnel) {
        writer.beginObject()
        writer.key("variants")
        writer.beginArray()
        for variant in value.variants {
            writer.beginObject()
            writer.field("name", variant.name)
            writer.field("told", variant.told)
            optional("checkouts", variant.checkouts)
            writer.field("bought", variant.bought)
            optional("orders", variant.orders)
            optional("items", variant.items)
            writer.endObject()
        }
        writer.endArray()
        writer.field("left_out", value.leftOut)
        writer.endObject()
    }

    mutating func allocation(_ periods: [AllocationPeriod]) {
        writer.key("allocation")
        writer.beginArray()
        for period in periods {
            writer.beginObject()
            writer.field("since", period.since.description)
            writer.key("weights")
            writer.beginArray()
            for weight in period.weights { writer.int(weight) }
            writer.endArray()
            writer.key("shoppers")
            writer.beginArray()
            for count in period.shoppers { writer.int(count) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    mutating func demand(_ value: DemandReport) {
        writer.beginObject()
        writer.field("model", "logit")
        writer.field("currency", report.currency.code)
        writer.key("points")
        writer.beginArray()
        for point in value.points {
            writer.beginObject()
            writer.key("price")
            writer.beginObject()
            writer.field("amount", point.price)
            writer.field("currency", report.currency.code)
            writer.field("display", Money(amount: point.price, currency: report.currency).display)
            writer.endObject()
            writer.field("n", point.n)
            writer.field("conversions", point.conversions)
            writer.field("rate", Double(point.conversions) / Double(point.n))
            interval("interval", point.interval)
            optional("falling_rate", point.fallingRate)
            earned("revenue", point.revenue)
            earned("profit", point.profit)
            writer.endObject()
        }
        writer.endArray()
        writer.key("curve")
        writer.beginArray()
        for point in value.curve {
            writer.beginObject()
            writer.field("price", point.price)
            writer.field("rate", point.rate)
            interval("interval", point.interval)
            writer.field("tested", point.isTested)
            writer.endObject()
        }
        writer.endArray()
        optional("intercept", value.intercept)
        optional("slope", value.slope)
        writer.key("elasticities")
        writer.beginArray()
        for elasticity in value.elasticities {
            writer.beginObject()
            writer.field("model", elasticity.model)
            optional("at", elasticity.price)
            writer.field("value", elasticity.value)
            interval("interval", elasticity.interval)
            writer.endObject()
        }
        writer.endArray()
        optimum("revenue_optimal_price", value.revenueOptimal)
        optimum("profit_optimal_price", value.profitOptimal)
        optional("unit_cost", value.unitCost)
        writer.key("buyer")
        if let buyer = value.buyer {
            writer.beginObject()
            writer.field("paid_items", buyer.paidItems)
            optional("cost", buyer.cost)
            writer.endObject()
        } else {
            writer.null()
        }
        strings("warnings", value.warnings)
        writer.endObject()
    }

    /// Minor units a shopper.
    mutating func earned(_ key: StaticString, _ value: DemandReport.Earned?) {
        writer.key(key)
        guard let value else { return writer.null() }
        writer.beginObject()
        writer.field("mean", value.mean)
        interval("interval", value.interval)
        writer.endObject()
    }

    mutating func optimum(_ key: StaticString, _ value: DemandReport.Optimum?) {
        writer.key(key)
        guard let value else { return writer.null() }
        writer.beginObject()
        money(value.price)
        interval("interval", value.interval)
        writer.field("extrapolated", value.isExtrapolated)
        writer.endObject()
    }
}
