namespace Parley.Benchmarks.Peers;

/// <summary>One way to run the hub and its agents, by the name that a peer has on the command line.</summary>
/// <param name="Name">The peer's name.</param>
/// <param name="Journal">Responders are whole listeners with such a journal and a responder pipeline, as <c>parley a2a listen</c> has them; null: a bare link that answers at once.</param>
/// <param name="UsesWebSocket">Links go over WebSocket instead of gRPC.</param>
/// <param name="MessageLog">The hub's <c>--message-log</c>.</param>
internal sealed record ParleySetup(string Name, JournalKind? Journal = null, bool UsesWebSocket = false, string MessageLog = "off")
{
    private static readonly ParleySetup[] _all =
    [
        new("parley"),
        new("parley-websocket", UsesWebSocket: true),
        new("parley-logged", MessageLog: "metadata"),
        new("parley-listener", JournalKind.Memory),
        new("parley-durable", JournalKind.Disk),
    ];

    /// <summary>Every name, for an error message.</summary>
    public static string Names => string.Join(", ", _all.Select(setup => setup.Name));

    /// <summary>The setup of this name, or null.</summary>
    public static ParleySetup? Find(string name) => Array.Find(_all, setup => setup.Name == name);
}

/// <summary>Where a listener notes what it received.</summary>
internal enum JournalKind
{
    /// <summary>Gone with the process.</summary>
    Memory,

    /// <summary>A file, safe against a loss of power.</summary>
    Disk,
}
