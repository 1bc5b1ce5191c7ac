namespace Parley.Benchmarks.Transfers;

/// <summary>What one transfer took.</summary>
/// <param name="Elapsed">From the start of the sender until both ends have ended.</param>
/// <param name="FirstByte">From the start of the sender until something was at the target.</param>
/// <param name="Processor">Processor time of all processes that took part.</param>
/// <param name="PeakBytes">The largest resident size of one of the two ends, with shared pages; of a script: of its largest program.</param>
/// <param name="HubGrowth">By how much the hub grew; 0 where none took part.</param>
internal sealed record TransferCost(TimeSpan Elapsed, TimeSpan FirstByte, TimeSpan Processor, long PeakBytes, long HubGrowth = 0);
