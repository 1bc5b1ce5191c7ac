namespace Parley.Gateway.Client.Bindings;

/// <summary>An HTTP answer, read to its end.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="MediaType">Its content type without parameters, in lower case; empty for none.</param>
/// <param name="Body">The body.</param>
internal sealed record HttpAnswer(int Status, string MediaType, ReadOnlyMemory<byte> Body)
{
    /// <summary>Whether the status says that it went well.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Whether the body says that it is JSON.</summary>
    public bool IsJson => MediaType is "application/json" or "text/json" || MediaType.EndsWith("+json", StringComparison.Ordinal);
}
