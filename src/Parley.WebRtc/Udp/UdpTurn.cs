namespace Parley.WebRtc.Udp;

/// <summary>A caller's turn with the machine of a driver: nobody else runs it until the turn is disposed of; then what it wants sent is sent.</summary>
public readonly ref struct UdpTurn
{
    private readonly UdpDriver _driver;

    internal UdpTurn(UdpDriver driver, TimeSpan now) => (_driver, Now) = (driver, now);

    /// <summary>The driver's time.</summary>
    public TimeSpan Now { get; }

    /// <summary>Ends the turn.</summary>
    public void Dispose() => _driver.Leave(Now);
}
