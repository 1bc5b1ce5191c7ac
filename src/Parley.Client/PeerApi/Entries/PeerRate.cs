namespace Parley.Client.PeerApi.Entries;

/// <summary>How often one peer may ask.</summary>
/// <param name="PerHour">Asks in any hour, 1 or more. Default 600.</param>
/// <param name="PerDay">Asks in any day; null = no limit. Default none.</param>
/// <param name="AtOnce">Asks at the same time, 1 or more. Default 4.</param>
public sealed record PeerRate(int PerHour = PeerRate.DefaultPerHour, int? PerDay = null, int AtOnce = PeerRate.DefaultAtOnce)
{
    /// <summary>Default of <see cref="PerHour"/>.</summary>
    public const int DefaultPerHour = 600;

    /// <summary>Default of <see cref="AtOnce"/>.</summary>
    public const int DefaultAtOnce = 4;

    /// <summary>The preset <c>abtars</c>: 30 an hour, 100 a day.</summary>
    public static PeerRate Abtars { get; } = new(30, 100);
}
