internal import Analysis
internal import Experiments
internal import HTTPServer
internal import Reports

extension PricingAPI {
    /// What the counts say. With `as_of` the counts as they were recorded then: the same inputs give the same bytes.
    /// With `watch=true` the newest counts for somebody who only looks: they are not recorded.
    func report(_ context: Context) async throws(Problem) -> Response {
        let experiment = try context.experiment()
        let tenant = try context.member.snapshot.tenant.id
        let form = try ReportForm(
            format: context.query("format"), picture: context.query("picture"), scale: context.query("scale"))
        var asOf: Timestamp?
        if let text = try context.query("as_of") {
            guard let time = Timestamp(rfc3339: text) else {
                throw .parameter("`as_of` is an RFC 3339 time such as 2026-05-01T12:00:00Z.")
            }
            asOf = time
        }
        let isWatched: Bool
        switch try context.query("watch") ?? "false" {
        case "true": isWatched = true
        case "false": isWatched = false
        default: throw .parameter("`watch` is true or false.")
        }
        if isWatched, asOf != nil { throw .parameter("`watch` is for the newest counts: it does not go with `as_of`.") }
        let segment = try Self.segment(context.query("segment"), of: experiment)
        let (measurements, keeping) = try await counts(of: experiment.id, in: tenant, asOf, isWatched: isWatched)
        guard let measurements else { throw .noReport }
        return try await onWorkers { () throws(Problem) in
            try self.write(measurements, keeping, as: form, within: segment)
        }
    }

    /// One value of a declared segment, as somebody asks for it; nil where nobody does.
    static func segment(_ text: String?, of experiment: Experiment) throws(Problem) -> SegmentChoice? {
        guard let text else { return nil }
        if let segment = SegmentChoice(text, of: experiment.analysis) { return segment }
        let known = SegmentChoice.all(of: experiment.analysis).map { "`\($0)`" }
        throw .parameter(
            known.isEmpty
                ? "This experiment declares no segments." : "`segment` is one of \(known.joined(separator: ", ")).")
    }

    /// The report as JSON, of the newest counts or of those recorded under `asOf`.
    func reportBody(
        of experiment: Experiment, in tenant: TenantID, asOf: Timestamp?, within segment: SegmentChoice? = nil
    ) async throws(Problem) -> [UInt8] {
        let (measurements, keeping) = try await counts(of: experiment.id, in: tenant, asOf, isWatched: false)
        guard let measurements else { throw .noReport }
        let response = try await onWorkers { () throws(Problem) in
            try self.write(measurements, keeping, as: .json, within: segment)
        }
        guard case .bytes(let body) = response.body else { throw .noReport }
        return body
    }

    /// The newest counts, recorded, or those recorded under `asOf`.
    func measurements(
        of experiment: Experiment, in tenant: TenantID, asOf: Timestamp?
    ) async throws(Problem) -> Measurements {
        let measurements: Measurements?
        do throws(StoreError) {
            measurements = try await service.store.measurements(of: experiment.id, in: tenant, asOf: asOf)
        } catch {
            throw Problem(error)
        }
        guard let measurements else { throw .noReport }
        return measurements
    }

    /// Counting is quick, integrating posteriors is not: a loop has no time for it.
    func onWorkers<Value: Sendable>(
        _ work: @Sendable () throws(Problem) -> Value
    ) async throws(Problem) -> Value {
        guard let workers = configuration.workers else { return try work() }
        return try await withTaskExecutorPreference(workers) { () async throws(Problem) -> Value in try work() }
    }

    /// Whether counts can be had again.
    private enum Keeping {
        case kept
        /// Nobody asked for it.
        case notAsked
        /// There was no room for it.
        case noRoom
        /// The store takes nothing now, or did not answer in time.
        case notNow

        var warning: String? {
            let reason: String
            switch self {
            case .kept, .notAsked: return nil
            case .noRoom: reason = "The server has no room left to write to"
            case .notNow: reason = "The store takes nothing to be written now"
            }
            return
                "\(reason): these counts were not kept, so this report cannot be had again by its time, and new sales may be missing."
        }
    }

    private func counts(
        of experiment: ExperimentID, in tenant: TenantID, _ asOf: Timestamp?, isWatched: Bool
    ) async throws(Problem) -> (Measurements?, Keeping) {
        do throws(StoreError) {
            if isWatched {
                return (try await service.store.newestCounts(of: experiment, in: tenant), .notAsked)
            }
            // Who reads is not made to suffer from a store that cannot be written to.
            guard asOf != nil || !service.isDegraded else {
                return (try await service.store.newestCounts(of: experiment, in: tenant), .notNow)
            }
            do throws(StoreError) {
                return (try await service.store.measurements(of: experiment, in: tenant, asOf: asOf), .kept)
            } catch {
                guard asOf == nil else { throw error }
                let keeping: Keeping
                switch error {
                case .full: keeping = .noRoom
                case .unavailable, .unreachable, .uncertain: keeping = .notNow
                case .broken, .outdated, .repeated, .corrupt: throw error
                }
                return (try await service.store.newestCounts(of: experiment, in: tenant), keeping)
            }
        } catch {
            throw Problem(error)
        }
    }

    private func write(
        _ measurements: Measurements, _ keeping: Keeping, as form: ReportForm, within segment: SegmentChoice? = nil
    ) throws(Problem) -> Response {
        let made: Report?
        do throws(AnalysisError) {
            if let segment {
                made = try Analyst.report(of: measurements, within: segment)
            } else {
                made = try Analyst.report(of: measurements)
            }
        } catch {
            throw .countsInconsistent
        }
        // Counts recorded under another plan may have no such segment.
        guard var report = made else { throw .noReport }
        report.isKept = keeping == .kept
        if let warning = keeping.warning { report.dataQuality.warnings.append(warning) }
        let version = configuration.version
        switch form {
        case .json:
            return Response(
                status: 200, contentType: "application/json",
                body: ReportJSON.encode(report, engineVersion: version))
        case .csv:
            return Response(
                status: 200, contentType: "text/csv; charset=utf-8",
                body: ReportCSV.encode(report, engineVersion: version))
        case .html:
            return page(
                "text/html; charset=utf-8", ReportHTML.encode(report, engineVersion: version),
                policy: ReportHTML.contentSecurityPolicy)
        case .svg(let name):
            return page(
                "image/svg+xml", try picture(name, of: report).file, policy: Picture.contentSecurityPolicy)
        case .png(let name, let scale):
            let picture = try picture(name, of: report)
            do throws(PixelsError) {
                return Response(status: 200, contentType: "image/png", body: try picture.png(scale: scale))
            } catch {
                throw Problem(error)
            }
        }
    }

    private func picture(_ name: PictureName, of report: Report) throws(Problem) -> Picture {
        guard let picture = Picture(name, of: report) else {
            throw Problem(404, "no_picture", Picture.absence(of: name))
        }
        return picture
    }

    /// What a browser may open by itself: it gets to do nothing but show.
    private func page(_ type: String, _ body: [UInt8], policy: String) -> Response {
        var response = Response(status: 200, contentType: type, body: body)
        response.headers.append(("Content-Security-Policy", policy))
        return response
    }
}

/// How a report is written.
private enum ReportForm {
    case json, csv, html
    case svg(PictureName)
    case png(PictureName, scale: Int)

    init(format: String?, picture: String?, scale: String?) throws(Problem) {
        let names = PictureName.allCases.map(\.rawValue).joined(separator: ", ")
        let format = format ?? "json"
        if !["svg", "png"].contains(format), picture != nil {
            throw .parameter("`picture` goes with `format=svg` or `format=png`.")
        }
        if format != "png", scale != nil { throw .parameter("`scale` goes with `format=png`.") }
        func name() throws(Problem) -> PictureName {
            guard let name = picture.flatMap(PictureName.init) else {
                throw .parameter("`format=\(format)` takes a `picture`: one of \(names).")
            }
            return name
        }
        switch format {
        case "json": self = .json
        case "csv": self = .csv
        case "html": self = .html
        case "svg": self = .svg(try name())
        case "png":
            let scale = scale.map { Int($0) ?? 0 } ?? Picture.defaultScale
            guard Picture.scales.contains(scale) else {
                throw .parameter(
                    "`scale` is from \(Picture.scales.lowerBound) to \(Picture.scales.upperBound).")
            }
            self = .png(try name(), scale: scale)
        default: throw .parameter("`format` is json, csv, html, svg or png.")
        }
    }
}

extension Problem {
    fileprivate init(_ error: PixelsError) {
        switch error {
        case .unavailable:
            self.init(
                501, "no_pixels",
                "This server cannot draw PNG: its machine lacks librsvg (Debian's `librsvg2-2`). `format=svg` is the same picture."
            )
        case .tooLarge:
            self.init(422, "picture_too_large", "The picture has too many pixels: ask with a smaller `scale`.")
        case .refused:
            self.init(500, "picture_refused", "The picture could not be drawn; `format=svg` is the same picture.")
        }
    }
}
