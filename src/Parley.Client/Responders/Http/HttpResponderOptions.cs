namespace Parley.Client.Responders.Http;

/// <summary>Where <see cref="HttpResponder"/> posts messages.</summary>
/// <param name="Url">The address; http or https.</param>
public sealed record HttpResponderOptions(Uri Url)
{
    /// <summary>A token for <c>Authorization: Bearer</c>, from <c>PARLEY_HTTP_KEY</c> or a file; null: none is sent.</summary>
    public string? BearerToken { get; init; }

    /// <summary>The address alone: the token stays out of logs.</summary>
    public override string ToString() => $"HttpResponderOptions({Url.GetLeftPart(UriPartial.Path)})";
}
