namespace Parley.Gateway.OpenAi;

/// <summary>What stands in one message.</summary>
/// <param name="Text">All text, addresses of what lies elsewhere on lines of their own.</param>
/// <param name="Files">What came inside the message.</param>
/// <param name="Links">What lies elsewhere.</param>
internal sealed record ModelContent(string Text, IReadOnlyList<ModelFile> Files, IReadOnlyList<ModelLink> Links)
{
    /// <summary>The turn that said it.</summary>
    public ModelTurn By(ModelRole role) => new(role, Text) { Files = Files, Links = Links };

    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"ModelContent({Text.Length} characters)";
}
