using Parley.Benchmarks.Measuring;

namespace Parley.Benchmarks.Scenarios;

/// <summary>One thing that is measured, over all peers that can do it.</summary>
internal interface IScenario
{
    /// <summary>Its name on the command line and in the results.</summary>
    string Name { get; }

    /// <summary>What exactly is counted, for the results page.</summary>
    string Explanation { get; }

    /// <summary>The peer that ratios are to.</summary>
    string Reference => ResultTable.Reference;

    /// <summary>Measures.</summary>
    Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken);
}
