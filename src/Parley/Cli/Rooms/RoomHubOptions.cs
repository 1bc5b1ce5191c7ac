using System.CommandLine;
using Parley.Client.Config;
using Parley.Client.Rooms;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Cli.Rooms;

/// <summary>Which hub's rooms are meant: options, then the environment, then the hub that the home joined.</summary>
internal sealed class RoomHubOptions
{
    /// <summary>The environment variable that names the hub.</summary>
    public const string HubVariable = "PARLEY_HUB";

    private const string CurlPinStart = "sha256//";

    private readonly Option<string?> _hub = new("--hub") { HelpName = "URL", Description = "The hub, over HTTP [default: $PARLEY_HUB; or the hub that this home joined, over its link]" };
    private readonly Option<string?> _pin = new("--pin") { HelpName = "PIN", Description = "The hub's key, where it made its own certificate [default: $PARLEY_PIN, or the joined hub's]" };
    private readonly Option<bool> _insecureHttp = new("--insecure-http") { Description = "Accept plain HTTP to another machine" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(ParleyCommand command)
    {
        command.Add(_hub);
        command.Add(_pin);
        command.Add(_insecureHttp);
    }

    /// <summary>The hub that a command line means.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: none is named, or not in a way that can be read.</exception>
    public RoomHub Resolve(CommandContext context, ParseResult parsed) => Resolve(
        parsed.GetValue(_hub),
        parsed.GetValue(_pin),
        parsed.GetValue(_insecureHttp),
        context.Environment,
        () => Directory.Exists(context.LocateHome()) ? HubProfile.TryLoad(context.OpenHome()) : null);

    /// <summary>The same for what was given.</summary>
    internal static RoomHub Resolve(string? hub, string? pin, bool allowInsecure, Func<string, string?> environment, Func<HubProfile?> profile)
    {
        var named = NonEmpty(hub) ?? NamedBy(environment);
        var pinned = NonEmpty(pin) ?? NonEmpty(environment("PARLEY_PIN")) ?? NonEmpty(environment("A2A_PINNEDPUBKEY"));
        var joined = profile();
        if (named is null)
        {
            return joined is null
                ? throw new ParleyException(ErrorCode.InvalidArgument, $"No hub is named: give --hub URL or set {HubVariable}.")
                : new RoomHub(joined.Http, pinned is null ? joined.Pin : ParsePin(pinned), joined.AllowInsecure || allowInsecure);
        }

        if (!Uri.TryCreate(named, UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A hub's address is http://HOST:PORT or https://HOST:PORT.");
        }

        var isJoined = joined is not null && IsSame(address, joined.Http);
        return new RoomHub(address, pinned is null ? isJoined ? joined!.Pin : null : ParsePin(pinned), allowInsecure || (isJoined && joined!.AllowInsecure), IsNamed: true);
    }

    /// <summary>The hub that the environment names; null when it names none.</summary>
    public static string? NamedBy(Func<string, string?> environment) =>
        NonEmpty(environment(HubVariable)) ?? NonEmpty(environment("A2A_BASE_URL")) ?? WithScheme(NonEmpty(environment("A2A_SERVER")));

    /// <summary>The pin as curl's <c>--pinnedpubkey</c> takes it.</summary>
    public static string CurlPin(SpkiPin pin) => CurlPinStart + Convert.ToBase64String(pin.ToHash());

    /// <summary>Whether two addresses are the same hub's.</summary>
    public static bool IsSame(Uri one, Uri other) => Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static SpkiPin ParsePin(string text)
    {
        if (!text.StartsWith(CurlPinStart, StringComparison.Ordinal))
        {
            return SpkiPin.Parse(text);
        }

        Span<byte> hash = stackalloc byte[SpkiPin.HashSize];
        return Convert.TryFromBase64String(text[CurlPinStart.Length..], hash, out var length) && length == hash.Length
            ? SpkiPin.FromHash(hash)
            : throw new ParleyException(ErrorCode.InvalidArgument, "A pin is 43 characters of base64url, or curl's sha256//BASE64.");
    }

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string? WithScheme(string? server) => server is null || server.Contains("://", StringComparison.Ordinal) ? server : "https://" + server;
}
