using System.Net;
using Parley.Protocol.Errors;

namespace Parley.Cli.A2a.Remote;

/// <summary>An agent that is named by its address and not by its name: <c>a2a:https://host/agents/x</c>.</summary>
internal static class RemoteTarget
{
    private const string Prefix = "a2a:";

    /// <summary>Whether a target is such an address. A plain web address is one too: no agent of a hub is called like that.</summary>
    public static bool Is(string target) => HasPrefix(target) ||
        target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || target.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The address; without a scheme it is https.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static Uri Parse(string target)
    {
        var text = (HasPrefix(target) ? target[Prefix.Length..] : target).Trim();
        text = text.StartsWith("//", StringComparison.Ordinal) ? text[2..] : text;
        text = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" && address is { Host.Length: > 0, UserInfo: "" }
            ? address
            : throw new ParleyException(ErrorCode.InvalidArgument, "A remote agent is a2a:https://HOST/PATH, the address of its card or what its card is below; proof goes into PARLEY_A2A_TOKEN.");
    }

    /// <summary>Whether an address is on this machine.</summary>
    public static bool IsLoopback(Uri address) =>
        address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static bool HasPrefix(string target) => target.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
