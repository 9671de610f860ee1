import JSON
import Stats

extension Calculator {
    private static let counted = ["observed: shoppers of each arm", "weights: of each arm, >= 0, any sum"]
    private static let prior = ["theta0: weights of the arms", "concentration: of the Dirichlet, > 0"]

    static let sampleRatioFunctions: [Function] = [
        Function(
            "srm_chi2", "did each arm get its share", inputs: counted,
            reference: "Pearson's χ²; Fabijan et al. (2019). A count in an arm of weight 0 is p = 0"
        ) { (i) throws(StatsError) in
            let test = try SampleRatioTest(observed: try i.numbers("observed"), weights: try i.numbers("weights"))
            return JSONValue.fields(["chi2": test.chiSquare, "p": test.p, "df": test.degreesOfFreedom])
                .with(["ok": true])
        },
        Function(
            "srm_g_test", "the same by likelihood ratio", inputs: counted, reference: "Sokal & Rohlf (1995), §17.2"
        ) {
            (i) throws(StatsError) in
            let test = try SampleRatioTest(observed: try i.numbers("observed"), weights: try i.numbers("weights"))
            return .fields(["g": test.g, "p": test.pG])
        },
        Function(
            "srm_binom_exact", "exact two-sided test of one arm's share",
            inputs: ["x: shoppers in the arm", "n: in all", "p: the arm's share"],
            reference: "the outcomes no likelier than the observed one"
        ) { (i) throws(StatsError) in
            .number(
                try Binomial.twoSidedTest(
                    try i.proportion(n: "n", x: "x"), probability: try i.number("p")))
        },
        Function(
            "srm_sequential", "evidence of a wrong share, valid at every look",
            inputs: ["counts: of each arm"] + prior, reference: "Lindon & Malek (2022), eq. 5"
        ) { (i) throws(StatsError) in
            var monitor = try SequentialSampleRatio(
                weights: try i.numbers("theta0"), concentration: try i.number("concentration", default: 100))
            try monitor.add(try i.numbers("counts"))
            return .fields(["logBayesFactor": monitor.logBayesFactor, "pValue": monitor.currentP])
        },
        Function(
            "srm_sequential_path", "its p-value over batches",
            inputs: ["batches: counts of each arm in each batch"] + prior, reference: "Lindon & Malek (2022), eq. 5"
        ) { (i) throws(StatsError) in
            var monitor = try SequentialSampleRatio(
                weights: try i.numbers("theta0"), concentration: try i.number("concentration", default: 100))
            var path: [Double] = []
            for batch in try i.rows("batches") {
                try monitor.add(batch)
                path.append(monitor.p)
            }
            return ["pValues": .numbers(path)]
        },
    ]
}
