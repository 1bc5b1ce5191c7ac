using System.Diagnostics.Metrics;
using Parley.Hub.Identity;
using Parley.Hub.Sessions;
using Parley.Sqlite;

namespace Parley.Hub.Telemetry;

/// <summary>The hub's figures, read when somebody asks. Names follow the glossary; no name of an agent is ever a label.</summary>
internal sealed class HubMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Parley.Hub";

    private readonly Meter _meter;

    /// <summary>The meter of one hub.</summary>
    public HubMetrics(IMeterFactory meters, SqliteStore store, AgentRegistry agents, SessionDirectory sessions)
    {
        _meter = meters.Create(MeterName);
        _meter.CreateObservableGauge("parley.agents", () => agents.Count, description: "Agents that are enrolled");
        _meter.CreateObservableGauge("parley.sessions", () => sessions.Count, description: "Sessions that are attached to this node");
        _meter.CreateObservableCounter("parley.store.works", () => store.Counts.Works, description: "Writes that the store committed");
        _meter.CreateObservableCounter("parley.store.commits", () => store.Counts.Commits, description: "Transactions that the store committed");
        _meter.CreateObservableCounter("parley.store.failures", () => store.Counts.Failures, description: "Writes that failed because the store was unavailable");
        _meter.CreateObservableGauge("parley.store.queued", () => store.Counts.Queued, description: "Writes that wait for the store");
    }

    /// <summary>Adds a figure of another module.</summary>
    public void AddGauge(string name, string description, Func<long> read) => _meter.CreateObservableGauge(name, read, description: description);

    /// <summary>Adds a count of another module that only grows.</summary>
    public void AddCounter(string name, string description, Func<long> read) => _meter.CreateObservableCounter(name, read, description: description);
}
