namespace Parley.Gateway.OpenAi;

/// <summary>A picture, a recording or another file inside a message.</summary>
/// <param name="Name">The caller's name for it, or one that was made.</param>
/// <param name="MediaType">Media type; empty when nobody said.</param>
/// <param name="Content">The bytes.</param>
public sealed record ModelFile(string Name, string MediaType, ReadOnlyMemory<byte> Content)
{
    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"ModelFile({Content.Length} B)";
}

/// <summary>A picture or a file that lies elsewhere.</summary>
/// <param name="Url">Where, http or https.</param>
/// <param name="MediaType">Media type as far as it is known: <c>image/*</c> for a picture of any kind, empty for a file.</param>
public sealed record ModelLink(string Url, string MediaType)
{
    /// <summary>The type alone: content stays out of logs.</summary>
    public override string ToString() => $"ModelLink({MediaType})";
}
