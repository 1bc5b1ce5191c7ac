namespace Parley.Hub.Telemetry;

/// <summary>Whether requests may come: false until the doors are open, and again from the moment the hub drains.</summary>
internal sealed class Readiness
{
    private volatile bool _isReady;

    /// <summary>Whether requests may come.</summary>
    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }
}
