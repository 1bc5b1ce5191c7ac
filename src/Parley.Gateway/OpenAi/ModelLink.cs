namespace Parley.Gateway.OpenAi;

/// <summary>A picture or a file that lies elsewhere.</summary>
/// <param name="Url">Where, http or https.</param>
/// <param name="MediaType">Media type as far as it is known: <c>image/*</c> for a picture of any kind, empty for a file.</param>
public sealed record ModelLink(string Url, string MediaType)
{
    /// <summary>The type alone: content stays out of logs.</summary>
    public override string ToString() => $"ModelLink({MediaType})";
}
