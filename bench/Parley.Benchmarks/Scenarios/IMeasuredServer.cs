namespace Parley.Benchmarks.Scenarios;

/// <summary>A server in a process of its own, whose time is counted.</summary>
internal interface IMeasuredServer
{
    /// <summary>Its name in the results.</summary>
    string Name { get; }

    /// <summary>The server's process.</summary>
    int ProcessId { get; }
}
