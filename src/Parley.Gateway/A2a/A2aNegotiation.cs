using Parley.Protocol.Errors;

namespace Parley.Gateway.A2a;

/// <summary>Which version a request speaks, and which extensions it may count on.</summary>
public static class A2aNegotiation
{
    /// <summary>Header, and parameter of a query, that names the version.</summary>
    public const string VersionHeader = "A2A-Version";

    /// <summary>The version in gRPC's metadata.</summary>
    public const string VersionMetadata = "a2a-version";

    /// <summary>Header that lists extensions, in 1.0.</summary>
    public const string ExtensionsHeader = "A2A-Extensions";

    /// <summary>Header that lists extensions, in 0.3.</summary>
    public const string OldExtensionsHeader = "X-A2A-Extensions";

    private const int MaxExtensions = 64;

    /// <summary>The version of a JSON-RPC call: the header's; without one, that of which the method's name is. PascalCase is 1.0's, a slash 0.3's.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolVersion"/> for a version that is neither.</exception>
    public static A2aVersion OfCall(string? header, string method) =>
        method == A2aMethods.Seed ? A2aVersion.Seed
        : OfHeader(header) ?? (method.Contains('/', StringComparison.Ordinal) ? A2aVersion.V03 : A2aVersion.V1);

    /// <summary>The version that a header names, null when it is missing or empty. A third number is ignored.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolVersion"/> for a version that is neither.</exception>
    public static A2aVersion? OfHeader(string? header)
    {
        var parts = (header ?? string.Empty).Trim().Split('.');
        return parts switch
        {
            [""] => null,
            ["1"] or ["1", "0"] or ["1", "0", _] => A2aVersion.V1,
            ["0", "3"] or ["0", "3", _] => A2aVersion.V03,
            _ => throw new ParleyException(ErrorCode.ProtocolVersion, "This hub speaks A2A 1.0 and 0.3."),
        };
    }

    /// <summary>The extensions that a caller names, from the values of its headers.</summary>
    public static IReadOnlySet<string> Extensions(IEnumerable<string?> headers) =>
        headers.OfType<string>().SelectMany(header => header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Take(MaxExtensions).ToHashSet(StringComparer.Ordinal);

    /// <summary>Refuses a caller who does not name what the card requires; the extensions that are in force for the request.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ExtensionRequired"/>.</exception>
    public static IReadOnlyList<string> Activate(Wire.V1.AgentCard card, IReadOnlySet<string> named)
    {
        var declared = card.Capabilities?.Extensions ?? [];
        return declared.Any(extension => extension.Required && !named.Contains(extension.Uri))
            ? throw new ParleyException(ErrorCode.ExtensionRequired, "The agent requires an extension that the request does not name: its card lists them.")
            : [.. declared.Select(extension => extension.Uri).Where(named.Contains)];
    }
}
