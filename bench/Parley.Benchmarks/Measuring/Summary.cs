namespace Parley.Benchmarks.Measuring;

/// <summary>What several runs of one measurement come to.</summary>
internal readonly record struct Summary(double Median, double Min, double Max, int Runs)
{
    /// <summary>Median (the mean of the two middle values when their number is even), smallest and largest.</summary>
    public static Summary Of(IReadOnlyCollection<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Count);
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Summary(median, sorted[0], sorted[^1], sorted.Length);
    }
}
