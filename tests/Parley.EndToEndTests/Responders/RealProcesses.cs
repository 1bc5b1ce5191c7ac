namespace Parley.EndToEndTests.Responders;

/// <summary>Tests that count processes and descriptors of this very process: nothing runs beside them.</summary>
[CollectionDefinition(nameof(RealProcesses), DisableParallelization = true)]
public sealed class RealProcesses;
