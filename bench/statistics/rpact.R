# rpact's half: nanoseconds a design, by the rule of Timing.swift.
suppressMessages(library(rpact))
measure <- function(name, body) {
    body()
    best <- Inf
    for (i in 1:5) best <- min(best, system.time(for (j in 1:10) body())[["elapsed"]] / 10)
    cat(sprintf("%s\trpact\t%.0f\n", name, best * 1e9))
}
fractions <- c(0.2, 0.4, 0.6, 0.8, 1)
measure("group sequential bounds, K = 5 O'Brien-Fleming spending", function()
    getDesignGroupSequential(typeOfDesign = "asOF", informationRates = fractions, alpha = 0.05, sided = 2)$criticalValues)
measure("group sequential bounds, K = 5 Pocock", function()
    getDesignGroupSequential(typeOfDesign = "P", informationRates = fractions, alpha = 0.05, sided = 2)$criticalValues)
