using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <summary>Kinds of path in words and on the wire.</summary>
public static class PathKindName
{
    /// <summary>For people.</summary>
    public static string Of(PathKind kind) => kind switch
    {
        PathKind.DirectTcp => "direct TCP",
        PathKind.DirectUdp => "direct UDP",
        PathKind.TurnRelayed => "relayed by TURN",
        _ => "relayed",
    };

    /// <summary>For programs, as <c>--json</c> prints it and <c>--path</c> takes it.</summary>
    public static string WordOf(PathKind kind) => kind switch
    {
        PathKind.DirectTcp => "direct",
        PathKind.DirectUdp => "webrtc",
        PathKind.TurnRelayed => "turn",
        _ => "relay",
    };

    internal static PathCode ToWire(PathKind kind) => kind switch
    {
        PathKind.DirectTcp => PathCode.DirectTcp,
        PathKind.DirectUdp or PathKind.TurnRelayed => PathCode.DirectUdp,
        _ => PathCode.Relayed,
    };

    internal static PathKind? FromWire(PathCode code) => code switch
    {
        PathCode.DirectTcp => PathKind.DirectTcp,
        PathCode.DirectUdp => PathKind.DirectUdp,
        PathCode.Relayed => PathKind.Relayed,
        _ => null,
    };
}
